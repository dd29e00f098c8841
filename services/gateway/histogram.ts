/** Upper bounds in seconds: from a cached read to a checkout that waits for its payment. */
export const BOUNDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** How many took how long, cumulatively as Prometheus wants it. */
export class Histogram {
  readonly counts = BOUNDS.map(() => 0);
  count = 0;
  sum = 0;

  observe(seconds: number): void {
    this.count++;
    this.sum += seconds;
    for (let at = BOUNDS.length - 1; at >= 0 && seconds <= BOUNDS[at]!; at--) this.counts[at]!++;
  }
}
