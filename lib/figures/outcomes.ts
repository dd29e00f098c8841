import type { ServiceBroker } from "moleculer";
import { z } from "zod";

/** How often something was asked of a node since it started, and how often it failed for reasons that were not the asker's. */
const Outcome = z.object({ calls: z.int(), errors: z.int(), overdue: z.int() });

/** By action; at a gateway also by route of HTTP. `overdue` are those that have waited for an answer for two seconds and still do. */
export const Outcomes = z.record(z.string(), Outcome);
export type Outcomes = z.output<typeof Outcomes>;

/** The action under which every node tells its outcomes, for whoever compares it with others. */
export const OUTCOMES = "$figures.outcomes";

/** Milliseconds. A release that hangs shall be seen before its calls run out of time. */
const OVERDUE = 2_000;

interface Tally {
  calls: number;
  errors: number;
  readonly running: Set<{ readonly began: number }>;
}

const tallies = new WeakMap<ServiceBroker, Map<string, Tally>>();

function tallyOf(broker: ServiceBroker, name: string): Tally {
  const known = tallies.get(broker) ?? new Map<string, Tally>();
  tallies.set(broker, known);
  const tally = known.get(name) ?? { calls: 0, errors: 0, running: new Set() };
  known.set(name, tally);
  return tally;
}

/** Counts what has come to its end already. */
export function countOutcome(broker: ServiceBroker, name: string, isFailure: boolean): void {
  const tally = tallyOf(broker, name);
  tally.calls++;
  if (isFailure) tally.errors++;
}

/** Counts what now begins; the answer is to be told how it ended. */
export function beginOutcome(broker: ServiceBroker, name: string): (isFailure: boolean) => void {
  const tally = tallyOf(broker, name);
  const run = { began: performance.now() };
  tally.calls++;
  tally.running.add(run);
  return (isFailure) => {
    tally.running.delete(run);
    if (isFailure) tally.errors++;
  };
}

export function outcomesOf(broker: ServiceBroker): Outcomes {
  const since = performance.now() - OVERDUE;
  const all = [...(tallies.get(broker) ?? [])].map(([name, { calls, errors, running }]) => {
    const overdue = [...running].filter(({ began }) => began < since).length;
    return [name, { calls, errors, overdue }] as const;
  });
  return Object.fromEntries(all);
}
