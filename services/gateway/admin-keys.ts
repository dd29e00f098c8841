import { hash } from "node:crypto";
import type { Call } from "../../lib/contract.ts";
import type { Caller } from "../../lib/edge.ts";
import { fault } from "../../lib/fault.ts";
import { identifyKey } from "../operations/contract.ts";

/** Milliseconds for which a key is good without being asked for again. A revoked key is refused within five seconds. */
const REMEMBERED = 4_000;
/** Keys that are remembered at the same time. */
const MOST_KEYS = 1_000;
/** Keys that are asked for at the same time: whoever makes keys up makes no load. */
const MOST_QUESTIONS = 64;

type Admin = Extract<Caller, { kind: "admin" }>;

/** Tells administrators by their keys, of which only the digest is sent and remembered. */
export class AdminKeys {
  readonly #call: Call;
  readonly #known = new Map<string, { readonly admin: Admin; readonly until: number }>();
  readonly #asked = new Map<string, Promise<Admin | undefined>>();

  constructor(call: Call) {
    this.#call = call;
  }

  /** The administrator with this key. Throws `unavailable` when that is not known and cannot be asked. */
  identify(key: string): Promise<Admin | undefined> {
    const digest = hash("sha256", key, "hex");
    const known = this.#known.get(digest);
    if (known && known.until > performance.now()) return Promise.resolve(known.admin);
    const asked = this.#asked.get(digest);
    if (asked) return asked;
    if (this.#asked.size >= MOST_QUESTIONS) return Promise.reject(unavailable());
    const asking = this.#ask(digest).finally(() => this.#asked.delete(digest));
    this.#asked.set(digest, asking);
    return asking;
  }

  async #ask(digest: string): Promise<Admin | undefined> {
    // Counted from before the question, since the answer may be old when it arrives.
    const until = performance.now() + REMEMBERED;
    const answer = await this.#call(identifyKey, { digest }).catch((cause: unknown) => {
      throw unavailable(cause);
    });
    this.#known.delete(digest);
    if (answer.outcome === "unknown") return undefined;
    const admin: Admin = { kind: "admin", id: answer.id, scopes: answer.scopes };
    this.#known.set(digest, { admin, until });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_KEYS && oldest) this.#known.delete(oldest);
    return admin;
  }
}

const unavailable = (cause?: unknown) => fault("unavailable", "Keys cannot be checked right now.", { retryAfter: 2, cause });
