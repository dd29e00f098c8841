import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceBroker } from "moleculer";
import { z } from "zod";
import { Health, keepsUp, kernelContract } from "../lib/kernel-contract.ts";

const POLL = 50;

/** Why a node's services are not ready, or undefined when they are. Asked over the bus unless the node is this one. */
export async function unready(
  broker: ServiceBroker,
  nodeID: string,
  services: readonly string[],
  timeout = 2_000,
): Promise<string | undefined> {
  const reasons = await Promise.all(services.map((service) => askHealth(broker, nodeID, service, timeout)));
  const at = reasons.findIndex((reason) => reason !== undefined);
  return at < 0 ? undefined : `${services[at]} ${reasons[at]}`;
}

async function askHealth(broker: ServiceBroker, nodeID: string, service: string, timeout: number): Promise<string | undefined> {
  const { name } = kernelContract(service).health;
  // Looked up first, because the broker complains aloud of every call that it cannot place.
  if (!broker.registry.getActionEndpointByNodeId(name, nodeID)?.isAvailable) return "is not known yet";
  try {
    const health = Health.parse(await broker.call(name, {}, { nodeID, timeout }));
    return keepsUp(health) ? undefined : (health.reason ?? "is not ready");
  } catch (error) {
    return `does not answer (${(error as Error).message})`;
  }
}

// Not `$node.list`: with services its answer refers to itself and does not cross a bus.
const KNOWN = "$node.services";
const Known = z.array(z.object({ name: z.string(), nodes: z.array(z.string()) }));

/**
 * Waits until this node's services are ready and another node knows them, so that it can really be called; alone on the bus,
 * until its own packets come back over it. Gives up when the signal is aborted. Answers whether it got there.
 */
export async function becomeCallable(broker: ServiceBroker, services: readonly string[], signal: AbortSignal): Promise<boolean> {
  for (; !signal.aborted; await sleep(POLL)) {
    if ((await unready(broker, broker.nodeID, services)) === undefined && (await isKnownOutside(broker, services))) return true;
  }
  return false;
}

async function isKnownOutside(broker: ServiceBroker, services: readonly string[]): Promise<boolean> {
  const others = broker.registry.getNodeList({ onlyAvailable: true }).filter(({ id }) => id !== broker.nodeID);
  if (others.length === 0) return hearsItself(broker);
  // Any of them will do: one may be dead and not yet missed.
  const answers = peersOf(broker, broker.nodeID).map(async (peer) => {
    if (!(await knows(broker, peer, broker.nodeID, services))) throw new Error("unknown there");
  });
  return Promise.any(answers).then(
    () => true,
    () => false,
  );
}

/** The other nodes that can be asked whom they know. */
const peersOf = (broker: ServiceBroker, nodeID: string): string[] =>
  broker.registry
    .getNodeList({ onlyAvailable: true })
    .map(({ id }) => id)
    .filter((id) => id !== nodeID && broker.registry.getActionEndpointByNodeId(KNOWN, id)?.isAvailable);

async function knows(broker: ServiceBroker, peer: string, nodeID: string, services: readonly string[]): Promise<boolean> {
  const known = Known.parse(await broker.call(KNOWN, { onlyAvailable: true, grouping: true }, { nodeID: peer, timeout: 1_000 }));
  return services.every((service) => known.some(({ name, nodes }) => name === service && nodes.includes(nodeID)));
}

/** The nodes that answer and do not know yet that a node offers these services. */
export async function strangersTo(broker: ServiceBroker, nodeID: string, services: readonly string[]): Promise<string[]> {
  const peers = peersOf(broker, nodeID);
  const answers = await Promise.all(peers.map((peer) => knows(broker, peer, nodeID, services).catch(() => true)));
  return peers.filter((_, at) => !answers[at]);
}

async function hearsItself(broker: ServiceBroker): Promise<boolean> {
  const { promise: heard, resolve } = Promise.withResolvers<boolean>();
  const late = setTimeout(() => resolve(false), 1_000);
  broker.localBus.once("$node.pong", () => resolve(true));
  await broker.transit?.sendPing(broker.nodeID);
  try {
    return await heard;
  } finally {
    clearTimeout(late);
  }
}
