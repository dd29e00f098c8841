import type { ServiceBroker } from "moleculer";
import type { Outcomes } from "../lib/figures.ts";
import { outcomesOf, since } from "./calls.ts";
import { isWorse } from "./judgement.ts";

/** Node ids of the release that comes and of the one that goes. */
export interface Sides {
  readonly fresh: readonly string[];
  readonly old: readonly string[];
}

/** Looks at what there is by now. A node that is busy starting may keep some calls waiting, so waiting counts only in the last look. */
export type Look = (now: Sides, isLast: boolean) => Promise<string | undefined>;

/** Begins to compare a new release with the one before. A look says why the new one does worse, or undefined. */
export async function compare(broker: ServiceBroker, before: Sides): Promise<Look> {
  const ask = ({ fresh, old }: Sides) => Promise.all([outcomesOf(broker, fresh), outcomesOf(broker, old)]);
  const [freshThen, oldThen] = await ask(before);
  return async (now, isLast) => {
    const counted = (outcomes: Outcomes) => (isLast ? outcomes : answered(outcomes));
    const [fresh, old] = await ask(now);
    return isWorse(since(freshThen, counted(fresh)), since(oldThen, counted(old)));
  };
}

const answered = (outcomes: Outcomes): Outcomes =>
  Object.fromEntries(Object.entries(outcomes).map(([name, outcome]) => [name, { ...outcome, overdue: 0 }]));
