/** Milliseconds: the pause after the first failure, and what it never exceeds. */
interface Pauses {
  readonly first: number;
  readonly longest: number;
}

/**
 * Milliseconds to wait after the `failures`-th failure in a row (from 1): doubles each time. The jitter takes up to half of
 * it away, so that those who failed together do not come back together; `chance` is a number from 0 to 1.
 */
export function backoff(failures: number, { first, longest }: Pauses, chance: number = Math.random()): number {
  return Math.min(longest, first * 2 ** (failures - 1)) * (1 - chance / 2);
}
