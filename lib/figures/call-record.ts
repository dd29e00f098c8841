/** Seconds that "now" stands for. */
const RECENT = 10;
/** Two bounds to each doubling, from 50 µs to a minute: a quantile is wrong by a fifth at most. */
const LEAST = 0.000_05;
const BOUNDS = 42;

interface Second {
  /** Since the process started; tells an old entry of the ring from a new one. */
  at: number;
  count: number;
  failed: number;
  readonly times: Uint32Array;
}

/** How calls went in the last ten whole seconds. Times in seconds; null where there was no call. */
export interface Recent {
  readonly perSecond: number;
  readonly failedPerSecond: number;
  readonly p50Seconds: number | null;
  readonly p99Seconds: number | null;
}

/** Calls that were answered: how many there were since the start, and how they go now. */
export class CallRecord {
  count = 0;
  failed = 0;
  seconds = 0;
  // One more than is read, for the second that is not over.
  readonly #ring: readonly Second[] = Array.from({ length: RECENT + 1 }, () => emptySecond());

  /** `now` in seconds of the process. */
  observe(seconds: number, isFailure: boolean, now = performance.now() / 1_000): void {
    const current = this.#secondAt(Math.floor(now));
    const failed = isFailure ? 1 : 0;
    this.count++;
    this.failed += failed;
    this.seconds += seconds;
    current.count++;
    current.failed += failed;
    current.times[boundAbove(seconds)]!++;
  }

  recent(now = performance.now() / 1_000): Recent {
    const over = Math.floor(now);
    const seconds = this.#ring.filter(({ at }) => at < over && at >= over - RECENT);
    const sum = (pick: (second: Second) => number): number => seconds.reduce((total, second) => total + pick(second), 0);
    const count = sum((second) => second.count);
    const quantile = (part: number): number | null => {
      if (count === 0) return null;
      let left = count * part;
      for (let at = 0; ; at++) {
        left -= sum(({ times }) => times[at]!);
        if (left <= 0 || at === BOUNDS - 1) return LEAST * 2 ** (at / 2);
      }
    };
    return {
      perSecond: count / RECENT,
      failedPerSecond: sum(({ failed }) => failed) / RECENT,
      p50Seconds: quantile(0.5),
      p99Seconds: quantile(0.99),
    };
  }

  #secondAt(at: number): Second {
    const found = this.#ring[at % this.#ring.length]!;
    if (found.at === at) return found;
    found.times.fill(0);
    return Object.assign(found, { at, count: 0, failed: 0 });
  }
}

const emptySecond = (): Second => ({ at: -1, count: 0, failed: 0, times: new Uint32Array(BOUNDS) });

const boundAbove = (seconds: number): number =>
  Math.min(BOUNDS - 1, Math.max(0, Math.ceil(2 * Math.log2(Math.max(seconds, LEAST) / LEAST))));
