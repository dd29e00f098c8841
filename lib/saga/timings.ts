import { setTimeout as sleep } from "node:timers/promises";

/** How long things take in sagas, in milliseconds unless said otherwise. */
export interface SagaTimings {
  /** For so long nobody else touches a saga after its node was last heard of. */
  readonly lease: number;
  /** How often leases are made longer while a step takes its time. */
  readonly renew: number;
  /** How often a node looks for sagas that are due, give or take a fifth. */
  readonly scan: number;
  /** How often `outcome` looks at a saga that another node runs. */
  readonly poll: number;
  /** Before the second try of a step; it doubles with each further one, up to `longestRetry`. */
  readonly firstRetry: number;
  readonly longestRetry: number;
  /** A number of tries: an undo that failed so often, or for `undoFor`, waits for an operator. */
  readonly undoTries: number;
  readonly undoFor: number;
  /** How long a stop waits for steps that are running. */
  readonly stopWithin: number;
  /** A number: how many sagas that were due a node takes at a time. Those it started itself are not counted. */
  readonly atOnce: number;
}

export const SAGA_TIMINGS: SagaTimings = {
  lease: 3_000,
  renew: 1_000,
  scan: 500,
  poll: 50,
  firstRetry: 200,
  longestRetry: 30_000,
  undoTries: 20,
  undoFor: 3_600_000,
  stopWithin: 5_000,
  atOnce: 16,
};

/** Milliseconds until the next try after `attempt` failed ones: exponential, with jitter of a quarter downwards, so that a crowd disperses. */
export function backoff(attempt: number, { firstRetry, longestRetry }: SagaTimings, random: () => number): number {
  return Math.round(Math.min(longestRetry, firstRetry * 2 ** (attempt - 1)) * (1 - random() / 4));
}

/** Waits for `promise`, but at most `ms`: then undefined. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  const patience = new AbortController();
  try {
    return await Promise.race([promise, sleep(Math.max(0, ms), undefined, { signal: patience.signal })]);
  } finally {
    patience.abort();
  }
}
