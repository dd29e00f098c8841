import type { ServiceBroker } from "moleculer";
import { z } from "zod";
import { unready } from "./callable.ts";
import type { NodeView } from "./contract.ts";

const Listed = z.array(
  z.object({
    id: z.string(),
    services: z.array(z.object({ name: z.string() })),
    metadata: z.object({ versions: z.record(z.string(), z.string()) }).catch({ versions: {} }),
  }),
);
const Health = z.object({ process: z.object({ pid: z.int(), memory: z.object({ rss: z.int() }), uptime: z.number() }) });

/** Milliseconds that a node has to tell how it is. */
const PATIENCE = 1_500;

/** What a supervisor knows of a node even when it says nothing. */
export interface Known {
  readonly nodeId: string;
  readonly services: readonly string[];
  readonly version: string;
  readonly pid: number;
  readonly startedAt: number;
}

/** The nodes that run services of the shop: those on the bus, wherever they run, and those that are known to run here. */
export async function nodeViews(broker: ServiceBroker, known: readonly Known[]): Promise<NodeView[]> {
  const listed = Listed.parse(broker.registry.getNodeList({ onlyAvailable: true, withServices: true }));
  const onBus = listed.flatMap(({ id, services, metadata }) => {
    const names = services.map(({ name }) => name).filter((name) => !name.startsWith("$") && name !== "supervisor");
    return names.length === 0 ? [] : [{ id, names, versions: metadata.versions }];
  });
  const views = await Promise.all(
    onBus.map(({ id, names, versions }) => view(broker, { id, names, version: [...new Set(Object.values(versions))].join(",") })),
  );
  const silent = known.filter(({ nodeId }) => !onBus.some(({ id }) => id === nodeId)).map(silentView);
  return [...views, ...silent].toSorted((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
}

const silentView = ({ nodeId, services, version, pid, startedAt }: Known): NodeView => ({
  nodeId,
  services: [...services],
  version,
  pid,
  rss: null,
  uptime: (Date.now() - startedAt) / 1_000,
  ready: false,
});

interface OnBus {
  readonly id: string;
  readonly names: string[];
  readonly version: string;
}

async function view(broker: ServiceBroker, { id, names, version }: OnBus): Promise<NodeView> {
  const [health, lack] = await Promise.all([
    broker.call("$node.health", {}, { nodeID: id, timeout: PATIENCE }).then(
      (told) => Health.safeParse(told).data,
      () => undefined,
    ),
    unready(broker, id, names, PATIENCE),
  ]);
  const { pid = null, memory, uptime = null } = health?.process ?? {};
  return { nodeId: id, services: names.toSorted(), version, pid, rss: memory?.rss ?? null, uptime, ready: lack === undefined };
}
