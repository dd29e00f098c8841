import { fault } from "../../lib/fault.ts";

interface Limits {
  /** Pieces of work at the same time. */
  readonly active: number;
  /** Pieces of work that wait for their turn. */
  readonly waiting: number;
  /** Milliseconds after which a turn comes too late. */
  readonly patience: number;
}

/**
 * Lets so much work run at the same time and lets some more wait in line. Refuses with `rate_limited`, at once, who finds the line
 * full, and whose turn comes when nobody may wait for the answer any more: in a flood, work that is late is work for nothing.
 */
export class Gate {
  readonly #limits: Limits;
  readonly #line: (() => void)[] = [];
  #active = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    const waited = await this.#enter();
    try {
      if (waited > this.#limits.patience) throw busy();
      return await work();
    } finally {
      // The place goes straight to the next in line, so that nobody who comes now can take it.
      const next = this.#line.shift();
      if (next) next();
      else this.#active--;
    }
  }

  /** Answers how long it took. */
  async #enter(): Promise<number> {
    if (this.#active < this.#limits.active) {
      this.#active++;
      return 0;
    }
    if (this.#line.length >= this.#limits.waiting) throw busy();
    const arrived = performance.now();
    await new Promise<void>((resolve) => this.#line.push(resolve));
    return performance.now() - arrived;
  }
}

const busy = () => fault("rate_limited", "Too many people sign in at this moment.", { retryAfter: 2 });
