import type { ServiceBroker } from "moleculer";
import { z } from "zod";
import type { Peer } from "./wire.ts";

/** A packet of Moleculer's protocol 5. */
const Packet = z.object({ cmd: z.string(), payload: z.looseObject({}) });
export type Packet = z.output<typeof Packet>;

const Request = z.object({
  id: z.string(),
  action: z.string(),
  params: z.unknown(),
  meta: z.record(z.string(), z.unknown()).nullish(),
  timeout: z.number().nullish(),
  requestID: z.string().nullish(),
});
const Event = z.object({ event: z.string(), data: z.unknown(), broadcast: z.boolean().nullish() });
const Ping = z.object({ id: z.string(), time: z.number() });

/** The topic of a wire on which packets travel. */
export const PACKETS = "packet";

/**
 * Answers another process's broker as a node of its bus would, for a broker that is on no bus: so that a shop of one process
 * has nothing to pay for the REPL that may join it one day.
 */
export async function takePacket(broker: ServiceBroker, given: unknown, peer: Peer): Promise<void> {
  const { cmd, payload } = Packet.parse(given);
  const send = (answer: string, content: object): void => {
    const packet: Packet = { cmd: answer, payload: { ...content, ver: "5", sender: broker.nodeID } };
    peer.tell(PACKETS, packet);
  };
  if (cmd === "DISCOVER") return send("INFO", { ...broker.registry.getLocalNodeInfo(true), instanceID: broker.instanceID });
  if (cmd === "REQ") return send("RES", await carryOut(broker, payload));
  if (cmd === "EVENT") return announce(broker, payload);
  if (cmd !== "PING") return;
  const { id, time } = Ping.parse(payload);
  send("PONG", { id, time, arrived: Date.now() });
}

async function carryOut(broker: ServiceBroker, payload: Packet["payload"]): Promise<object> {
  const { id, action, params, meta, timeout, requestID } = Request.parse(payload);
  const options = { meta: meta ?? {}, ...(timeout && { timeout }), ...(requestID && { requestID }) };
  try {
    const data: unknown = await broker.call(action, (params ?? {}) as Record<string, unknown>, options);
    return { id, success: true, data: data ?? null, meta: options.meta };
  } catch (error) {
    const plain = broker.errorRegenerator?.extractPlainError(error as Error, { id });
    return { id, success: false, data: null, meta: options.meta, error: plain };
  }
}

async function announce(broker: ServiceBroker, payload: Packet["payload"]): Promise<void> {
  const { event, data, broadcast } = Event.parse(payload);
  await (broadcast ? broker.broadcast(event, data) : broker.emit(event, data));
}
