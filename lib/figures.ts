import type { ServiceBroker } from "moleculer";
import { z } from "zod";
import { FIGURES } from "./figures/figuring.ts";
import { Figures } from "./figures/shape.ts";

export { figuring } from "./figures/figuring.ts";
export { countOutcome, Outcomes, OUTCOMES } from "./figures/outcomes.ts";

/** A node as the registry knows it, with what it told of itself; null where it did not answer in time. */
export interface NodeReport {
  readonly nodeId: string;
  readonly services: readonly { readonly name: string; readonly version: string | null }[];
  readonly figures: Figures | null;
}

/** Milliseconds that a node has to answer. */
const PATIENCE = 1_000;

const Listed = z.array(
  z.object({
    id: z.string(),
    services: z.array(z.object({ name: z.string() })),
    metadata: z.object({ versions: z.record(z.string(), z.string()) }).catch({ versions: {} }),
  }),
);

/** Asks every node that can be reached now, itself too. */
export async function askNodes(broker: ServiceBroker): Promise<NodeReport[]> {
  const nodes = Listed.parse(broker.registry.getNodeList({ onlyAvailable: true, withServices: true }));
  const reports = nodes.map(async ({ id, services, metadata: { versions } }) => ({
    nodeId: id,
    services: services
      .filter(({ name }) => !name.startsWith("$"))
      .map(({ name }) => ({ name, version: versions[name] || null }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    figures: await ask(broker, id),
  }));
  return (await Promise.all(reports)).toSorted((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
}

async function ask(broker: ServiceBroker, nodeID: string): Promise<Figures | null> {
  // Looked up first, because the broker complains aloud of every call that it cannot place.
  if (!broker.registry.getActionEndpointByNodeId(FIGURES, nodeID)?.isAvailable) return null;
  try {
    return Figures.parse(await broker.call(FIGURES, {}, { nodeID, timeout: PATIENCE }));
  } catch {
    return null;
  }
}
