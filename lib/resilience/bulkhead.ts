import type { Repeat } from "../contract.ts";

interface Limits {
  /** Calls of one action that run at the same time on one node. */
  readonly concurrency: number;
  /** Calls that wait for a place; further ones are refused at once and sent to another node. */
  readonly maxQueueSize: number;
}

/**
 * As many run as one gateway lets in (`services/gateway/admission.ts`), so a single gateway refuses before a service does;
 * with several gateways or a slow neighbour it is the service. Waiting makes a late answer and little else, so only a burst may.
 */
const READS: Limits = { concurrency: 256, maxQueueSize: 64 };
/** A checkout waits some seconds for its payment and costs nothing meanwhile: many may, while reading gets no more places. */
const WRITES: Limits = { concurrency: 1_024, maxQueueSize: 256 };

/** How many calls of one action a node takes, so that a slow action makes itself slow and nothing else. */
export const limitsOf = (repeat: Repeat): Limits => (repeat === "safe" ? READS : WRITES);
