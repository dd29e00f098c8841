import { setTimeout as sleep } from "node:timers/promises";
import { fault, faultCode } from "../../lib/fault.ts";
import { type Exchange, standardHeaders } from "./reply.ts";

/** Milliseconds between two looks. A person sees no difference to "at once". */
const LOOK = 400;
/** Proxies cut what is silent for longer. */
const HEARTBEAT = 15_000;
/** A browser comes back by itself, and whoever forgot to hang up does not stay for ever. */
const LONGEST = 600_000;
/** Each open stream asks its service 2.5 times a second. */
const MOST = 200;

/** A stream that nobody can see any more ends; a service that is away for a moment does not end it. */
const FINAL = new Set(["not_found", "unauthorized", "forbidden"]);

/** Streams of server-sent events: the answer of an action, at once and again whenever it has changed. */
export class EventStreams {
  readonly #stops = new Set<AbortController>();
  #isStopped = false;

  get open(): number {
    return this.#stops.size;
  }

  /** Serves one stream until its client goes, its time is over or the gateway stops. Throws what the first look throws. */
  async serve(exchange: Exchange, look: () => Promise<unknown>): Promise<void> {
    if (this.#isStopped) throw fault("unavailable", undefined, { retryAfter: 1 });
    if (this.#stops.size >= MOST) throw fault("unavailable", "Too many streams are open.", { retryAfter: 5 });
    const stop = new AbortController();
    this.#stops.add(stop);
    exchange.res.once("close", () => stop.abort());
    try {
      await follow(exchange, look, stop.signal);
    } finally {
      this.#stops.delete(stop);
    }
  }

  /** Ends all streams and takes no new ones. */
  stop(): void {
    this.#isStopped = true;
    for (const stop of this.#stops) stop.abort();
  }
}

async function follow(exchange: Exchange, look: () => Promise<unknown>, stopped: AbortSignal): Promise<void> {
  const { req, res } = exchange;
  let shown = JSON.stringify(await look());
  if (stopped.aborted || res.destroyed) return void res.end();
  res.writeHead(200, {
    ...standardHeaders(exchange),
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
  });
  if (req.method === "HEAD") return void res.end();
  res.write(`data: ${shown}\n\n`);
  const until = performance.now() + LONGEST;
  let spoke = performance.now();
  while ((await pause(stopped)) && performance.now() < until) {
    const seen = await lookAgain(look, shown);
    if (seen === undefined || stopped.aborted) break;
    if (res.writableNeedDrain) continue;
    const isSilent = performance.now() - spoke > HEARTBEAT;
    if (seen === shown && !isSilent) continue;
    res.write(seen === shown ? ": still here\n\n" : `data: ${seen}\n\n`);
    shown = seen;
    spoke = performance.now();
  }
  res.end();
}

/** False when the stream was stopped. */
const pause = (stopped: AbortSignal): Promise<boolean> =>
  sleep(LOOK, undefined, { signal: stopped }).then(
    () => true,
    () => false,
  );

async function lookAgain(look: () => Promise<unknown>, shown: string): Promise<string | undefined> {
  try {
    return JSON.stringify(await look());
  } catch (error) {
    return FINAL.has(faultCode(error) ?? "") ? undefined : shown;
  }
}
