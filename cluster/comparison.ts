import type { ServiceBroker } from "moleculer";
import { outcomesOf, since } from "./calls.ts";
import { isWorse } from "./judgement.ts";

/** Node ids of the release that comes and of the one that goes. */
export interface Sides {
  readonly fresh: readonly string[];
  readonly old: readonly string[];
}

/**
 * Begins to compare a new release with the one before. The answer, asked with the nodes that are there by then, says why the new one
 * does worse, or undefined.
 */
export async function compare(broker: ServiceBroker, before: Sides): Promise<(now: Sides) => Promise<string | undefined>> {
  const look = ({ fresh, old }: Sides) => Promise.all([outcomesOf(broker, fresh), outcomesOf(broker, old)]);
  const [freshThen, oldThen] = await look(before);
  return async (now) => {
    const [fresh, old] = await look(now);
    return isWorse(since(freshThen, fresh), since(oldThen, old));
  };
}
