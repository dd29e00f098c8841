import type { BrokerOptions } from "moleculer";
import type { Config } from "../lib/config.ts";
import { nodeName } from "../lib/ids.ts";
import { type Node, startNode } from "../lib/node.ts";
import { brokerOptions } from "../moleculer.config.ts";
import { becomeCallable } from "./callable.ts";
import { environmentOnBus } from "./environment.ts";

interface Options {
  readonly config: Config;
  readonly services: readonly string[];
  readonly nodeId?: string | undefined;
  /** The release of each service. */
  readonly versions: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** A node of the split shape. */
export interface BusNode extends Node {
  /** False when it was told to stop before it got there. */
  readonly isCallable: boolean;
}

/** Starts some services as a node on the bus, and returns when others can call them. Throws an OperatorError where settings are missing. */
export async function startBusNode({ config, services, nodeId, versions, signal }: Options): Promise<BusNode> {
  const environment = environmentOnBus(config, services);
  const broker: BrokerOptions = {
    ...brokerOptions(config),
    nodeID: nodeId ?? nodeName(services.join("-")),
    metadata: { versions, pid: process.pid },
  };
  const node = await startNode({ environment, broker, services });
  return { ...node, isCallable: await becomeCallable(node.broker, services, signal) };
}
