import { fault } from "../../lib/fault.ts";
import type { Route } from "./routes.ts";

/**
 * Requests in the works at the same time. More of them do not make more answers, they only make all of them late: a process
 * answers some thousand reads per second, so 256 waiting ones are already a tenth of a second of queue.
 */
const BROWSE = 256;
/** Above this, reading gives way altogether. */
const BUSY = 512;
/** Checkouts may each wait some seconds for a payment and cost nothing meanwhile, so there may be many of them. */
const ALL = 1_024;

/** Lets requests in while there is room. Browsing is refused first, so that whoever is buying gets through. */
export class Admission {
  #browsing = 0;
  #all = 0;

  get inFlight(): number {
    return this.#all;
  }

  /** Takes a place; the answer gives it back. Throws `unavailable` at once when there is none. */
  enter({ method, access }: Pick<Route, "method" | "access">): () => void {
    const isBrowsing = method === "GET" && access === "public";
    const isFull = isBrowsing ? this.#browsing >= BROWSE || this.#all >= BUSY : this.#all >= ALL;
    if (isFull) throw fault("unavailable", "The shop is very busy. Please try again in a moment.", { retryAfter: 1 });
    this.#count(isBrowsing, 1);
    return () => this.#count(isBrowsing, -1);
  }

  #count(isBrowsing: boolean, by: 1 | -1): void {
    this.#all += by;
    if (isBrowsing) this.#browsing += by;
  }
}
