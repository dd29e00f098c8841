import { type Exchange, reply, type Reply } from "./reply.ts";
import type { Route } from "./routes.ts";

/** Bytes of all answers together: some thousand pages of a catalogue. */
const ALL = 16 * 1_048_576;
/** Bytes of one. */
const ONE = 262_144;

interface Kept {
  readonly answer: Reply;
  /** Milliseconds of `performance.now()`. */
  readonly at: number;
  readonly until: number;
  readonly size: number;
}

/**
 * What was last answered to public reads. Every request is asked of its service all the same; this is for the time in which
 * the service cannot answer, and only for as long as the answer's own `Cache-Control` allows it to be stale (RFC 5861).
 */
export class LastAnswers {
  /** Oldest first. */
  readonly #kept = new Map<string, Kept>();
  readonly #limit: number;
  #size = 0;
  #given = 0;

  constructor(limit = ALL) {
    this.#limit = limit;
  }

  /** How many requests were answered with an older answer. */
  get given(): number {
    return this.#given;
  }

  /** Remembers an answer if it may be shown again. */
  keep(exchange: Exchange, route: Route, answer: Reply): void {
    const { status, body = "", headers = {} } = answer;
    if (status !== 200 || !isForEverybody(route)) return;
    const key = keyOf(exchange);
    this.#forget(key);
    const time = usableFor(headers["Cache-Control"] ?? "");
    // A character takes at most two bytes.
    const size = 2 * (body.length + key.length);
    if (time === 0 || size > ONE) return;
    const at = performance.now();
    this.#kept.set(key, { answer, at, until: at + time * 1_000, size });
    this.#size += size;
    for (const oldest of this.#kept.keys()) {
      if (this.#size <= this.#limit) break;
      this.#forget(oldest);
    }
  }

  /** Answers in place of a service that cannot, and says so in `Age` and `Warning`. False when there is nothing to answer with. */
  give(exchange: Exchange, route: Route): boolean {
    const kept = isForEverybody(route) ? this.#kept.get(keyOf(exchange)) : undefined;
    const now = performance.now();
    if (!kept || kept.until <= now) return false;
    const age = { Age: String(Math.floor((now - kept.at) / 1_000)), Warning: '111 - "Revalidation Failed"' };
    reply(exchange, { ...kept.answer, headers: { ...kept.answer.headers, ...age } });
    this.#given++;
    return true;
  }

  #forget(key: string): void {
    this.#size -= this.#kept.get(key)?.size ?? 0;
    this.#kept.delete(key);
  }
}

/** What depends on a header is not told apart by its address. */
const isForEverybody = ({ method, access, http }: Route): boolean =>
  method === "GET" && access === "public" && !http.events && !http.headers;

const keyOf = ({ path, query }: Exchange): string => `${path}?${query}`;

const MAX_AGE = /\bmax-age=(\d+)/;
const WHILE_REVALIDATE = /\bstale-while-revalidate=(\d+)/;
const IF_ERROR = /\bstale-if-error=(\d+)/;

/** Seconds for which a shared cache may show an answer that it could not renew; 0 when nothing is said of that. */
function usableFor(cacheControl: string): number {
  if (!/\bpublic\b/.test(cacheControl)) return 0;
  const seconds = (directive: RegExp): number => Number(directive.exec(cacheControl)?.[1] ?? 0);
  const stale = Math.max(seconds(WHILE_REVALIDATE), seconds(IF_ERROR));
  return stale === 0 ? 0 : seconds(MAX_AGE) + stale;
}
