import type { Config } from "../lib/config.ts";
import { type BusNode, startBusNode } from "./node.ts";
import { stopSignal } from "./stop-signal.ts";

interface Options {
  readonly config: Config;
  readonly services: readonly string[];
  readonly nodeId?: string | undefined;
  readonly versions: Readonly<Record<string, string>>;
  /** Stop when stdin ends: whoever started this node holds the other end. */
  readonly isLeashed: boolean;
  readonly onReady: (ready: Ready) => void;
}

interface Ready {
  readonly nodeId: string;
  /** Where it can be reached, when the gateway is among its services. */
  readonly url?: string;
}

/** Runs some services as a node on the bus until it is told to stop, and then drains. */
export async function runNode({ isLeashed, onReady, ...options }: Options): Promise<void> {
  process.title = `brickwork ${options.services.join(" ")}`;
  const stop = stopSignal();
  if (isLeashed) process.stdin.resume().once("end", stop.ask).once("error", stop.ask);
  const node = await startBusNode({ ...options, signal: stop.signal });
  try {
    if (node.isCallable) onReady(readyLine(node));
    await stop.asked;
  } finally {
    await node.stop();
    process.stdin.destroy();
  }
}

function readyLine({ broker }: BusNode): Ready {
  const url = broker.getLocalService("gateway")?.metadata.url as string | undefined;
  return { nodeId: broker.nodeID, ...(url && { url }) };
}
