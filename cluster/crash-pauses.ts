/** A service that ran this long before it crashed is not in a loop. */
const STEADY = 30_000;
const FIRST = 250;
const LONGEST = 15_000;

/** How long to wait before a crashed node is started again: not at all the first time, longer and longer when it goes on. */
export class CrashPauses {
  readonly #crashes = new Map<string, number>();

  /** Milliseconds. `startedAt` is when the node that has crashed was started. */
  after(service: string, startedAt: number, now = Date.now()): number {
    const before = now - startedAt > STEADY ? 0 : (this.#crashes.get(service) ?? 0);
    this.#crashes.set(service, before + 1);
    return before === 0 ? 0 : Math.min(LONGEST, FIRST * 2 ** (before - 1));
  }
}
