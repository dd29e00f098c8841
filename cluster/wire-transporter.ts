import { Transporters } from "moleculer";
import { type Packet, PACKETS } from "./bridge.ts";
import type { Wire } from "./wire.ts";

/** Puts a broker on the other end of a wire, where `takePacket` answers it. */
export class WireTransporter extends Transporters.Base {
  readonly #wire: Wire;

  constructor(wire: Wire) {
    super();
    this.#wire = wire;
  }

  override async connect(): Promise<void> {
    this.#wire.onNews(PACKETS, (news) => {
      const { cmd, payload } = news as Packet;
      void this.receive(cmd, Buffer.from(JSON.stringify(payload)));
    });
    await this.onConnected(false);
  }

  override async disconnect(): Promise<void> {
    this.connected = false;
    this.#wire.close();
  }

  // There is one other end, and it sends us nothing but what is ours.
  override async subscribe(): Promise<void> {}

  override async subscribeBalancedRequest(): Promise<void> {}

  override async subscribeBalancedEvent(): Promise<void> {}

  override async send(topic: string, data: Buffer): Promise<void> {
    const [cmd] = topic.slice(this.prefix.length + 1).split(".");
    await this.#wire.ask(PACKETS, { cmd, payload: JSON.parse(data.toString()) as unknown });
  }
}
