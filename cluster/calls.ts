import type { ServiceBroker } from "moleculer";
import { Outcomes, OUTCOMES } from "../lib/figures.ts";

/** Milliseconds that a node has to tell. */
const PATIENCE = 1_000;

/** What nodes have answered since they started, taken together. A node that says nothing adds nothing: its health is asked elsewhere. */
export async function outcomesOf(broker: ServiceBroker, nodeIds: readonly string[]): Promise<Outcomes> {
  return together(await Promise.all(nodeIds.map((nodeId) => ask(broker, nodeId))));
}

async function ask(broker: ServiceBroker, nodeID: string): Promise<Outcomes> {
  // Looked up first, because the broker complains aloud of every call that it cannot place.
  if (!broker.registry.getActionEndpointByNodeId(OUTCOMES, nodeID)?.isAvailable) return {};
  const told = await broker.call(OUTCOMES, {}, { nodeID, timeout: PATIENCE }).catch(() => ({}));
  // An older release may tell something else.
  return Outcomes.safeParse(told).data ?? {};
}

const NONE = { calls: 0, errors: 0, overdue: 0 };

function together(all: readonly Outcomes[]): Outcomes {
  const sum: Outcomes = {};
  for (const outcomes of all) {
    for (const [name, { calls, errors, overdue }] of Object.entries(outcomes)) {
      const so = sum[name] ?? NONE;
      sum[name] = { calls: so.calls + calls, errors: so.errors + errors, overdue: so.overdue + overdue };
    }
  }
  return sum;
}

/** What has been answered since; overdue is what is so now. */
export function since(before: Outcomes, now: Outcomes): Outcomes {
  const entries = Object.entries(now).map(([name, { calls, errors, overdue }]) => {
    const then = before[name] ?? NONE;
    return [name, { calls: calls - then.calls, errors: errors - then.errors, overdue }] as const;
  });
  return Object.fromEntries(entries);
}
