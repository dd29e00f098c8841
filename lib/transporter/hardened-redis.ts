import { Errors, type Transit, type Transporters } from "moleculer";
import { type BusCounters, zeroCounters } from "./counters.ts";
import { LinkDownError, LostAnswerError, NoReceiverError } from "./errors.ts";
import { createLink, type Link } from "./link.ts";
import { type Batch, createOutbox } from "./outbox.ts";
import { type PeerWatch, watchPeers } from "./peers.ts";
import { createSeal, type Refusal, type Seal } from "./seal.ts";
import { sparsely } from "./sparse-log.ts";
import { Unbalanced } from "./unbalanced.ts";
import { type WaitingCalls, waitingCalls } from "./waiting.ts";

/** How to reach the bus. */
export interface HardenedRedisOptions {
  /** `redis://` or `rediss://`, with user and password where Redis wants them. */
  readonly url: string;
  /** The secret that all nodes of one bus share and sign their packets with. */
  readonly key: string;
}

type AnyPacket = Parameters<Transporters.Base["prepublish"]>[0];
type BusPacket = Pick<AnyPacket, "type" | "target"> & { readonly payload: { readonly id?: string } };
type AfterConnect = (wasReconnect: boolean) => void | Promise<void>;

/** Moleculer's protocol over Redis without the traps of its own transporter: docs/decisions/0008-the-transporter.md. */
export class HardenedRedis extends Unbalanced {
  readonly counters: BusCounters = zeroCounters();
  readonly #url: string;
  readonly #seal: Seal;
  readonly #commands = new Map<string, string>();
  readonly #warn = sparsely((message) => this.logger.warn(message));
  readonly #waiting: WaitingCalls = waitingCalls(() => this.transit, this.counters);
  readonly #peers: PeerWatch = watchPeers({
    waitedFor: () => this.#waiting.nodes(),
    countSubscribers: async (nodes) => {
      if (!this.#link.knowsAllSubscribers) return nodes.map(() => 1);
      return this.#link.countSubscribers(nodes.map((node) => this.getTopicName("REQ", node)));
    },
    onGone: (node) => this.#dropPeer(node, "it lost its connection to the bus"),
  });
  readonly #outbox = createOutbox<BusPacket>((batches) => this.#publish(batches));
  #early: [channel: string, packet: Buffer][] = [];
  #link: Link;
  #afterConnect: AfterConnect = () => {};

  constructor({ url, key }: HardenedRedisOptions, seal: Seal = createSeal(key)) {
    // Nothing is handed to the base: its `opts` can be read by every node through `$node.options`.
    super({});
    this.#url = url;
    this.#seal = seal;
    this.#link = this.#newLink();
  }

  override init(transit: Transit, messageHandler: (cmd: string, msg: string) => void, afterConnect: AfterConnect): void {
    super.init(transit, messageHandler, afterConnect);
    this.#afterConnect = afterConnect;
  }

  /** Resolves when the node is on the bus. Until Redis can be reached it goes on trying, and says so now and then. */
  override async connect(): Promise<void> {
    this.#link = this.#newLink();
    try {
      // This calls `makeSubscriptions`, waits for it, and asks the other nodes who they are.
      await this.#afterConnect(false);
    } catch (error) {
      // Stopped before it was up. Moleculer would take a rejection for a reason to connect again.
      if (error instanceof LinkDownError) return;
      throw error;
    }
    if (!this.connected) this.#tellDown();
  }

  override async disconnect(): Promise<void> {
    this.connected = false;
    this.#peers.stop();
    this.#link.close();
    this.#waiting.lose("this node left the bus");
  }

  override makeSubscriptions(topics: { cmd: string; nodeID?: string }[]): Promise<void> {
    const channels = topics.map(({ cmd, nodeID }) => this.getTopicName(cmd, nodeID));
    for (const [at, { cmd }] of topics.entries()) this.#commands.set(channels[at]!, cmd);
    return this.#link.open({
      url: this.#url,
      name: `${this.nodeID}:${this.transit.instanceID}`.replaceAll(/[^\w:.-]/g, "_"),
      channels,
      ownChannels: channels.filter((_, at) => topics[at]?.nodeID === this.nodeID),
      onMessage: (channel, packet) => this.#take(channel, packet),
    });
  }

  /** Never rejects for what nobody waits for: a lost event or answer is counted and logged, a lost request rejects its call. */
  override async prepublish(packet: BusPacket): Promise<void> {
    if (this.connected) return super.prepublish(packet as AnyPacket);
    this.#fail(packet, () => new Errors.BrokerDisconnectedError("The bus is down."));
  }

  override send(topic: string, data: Buffer, { packet }: { packet: BusPacket }): Promise<void> {
    if (packet.type === "REQ") this.#peers.start();
    return this.#outbox.put(topic, data, packet);
  }

  #newLink(): Link {
    return createLink({
      onUp: ({ isFirst }) => this.#up(isFirst),
      onDown: (why) => this.#down(why),
      onTrouble: (why) => {
        // Whoever has sent these sees that nobody listens here any more.
        this.#early = [];
        this.#warn("trouble", `The bus cannot be reached: ${why}. Trying again.`);
      },
    });
  }

  #up(isFirst: boolean): void {
    this.connected = true;
    const early = this.#early;
    this.#early = [];
    for (const [channel, packet] of early) this.#take(channel, packet);
    if (isFirst) return;
    this.logger.info("Back on the bus.");
    this.transit.connected = true;
    void this.transit.discoverer.sendLocalNodeInfo();
    void this.transit.discoverer.discoverAllNodes();
    this.broker.broadcastLocal("$transporter.connected", { wasReconnect: true });
  }

  #down(why: string): void {
    this.connected = false;
    this.#early = [];
    this.counters.lostLinks++;
    this.logger.warn(`The bus is down: ${why}.`);
    this.#waiting.lose("the link to Redis was lost");
    this.#tellDown();
  }

  #tellDown(): void {
    this.transit.connected = false;
    this.broker.broadcastLocal("$transporter.disconnected", { graceFul: false });
  }

  #publish(batches: readonly Batch<BusPacket>[]): Promise<void>[] {
    const packets = batches.map(({ channel, payloads }) => ({ channel, packet: this.#seal.close(channel, payloads) }));
    const answers = this.#link.publish(packets);
    return batches.map((batch, at) => this.#settle(batch, answers[at]!));
  }

  async #settle({ items }: Batch<BusPacket>, answer: Promise<number>): Promise<void> {
    try {
      const receivers = await answer;
      this.counters.sent += items.length;
      if (receivers === 0) this.#notReceived(items);
    } catch (error) {
      for (const packet of items) this.#notSent(packet, error as Error);
    }
  }

  #take(channel: string, packet: Buffer): void {
    // An answer cannot be sent before the link is up, so what comes between the subscription and that moment is kept for it.
    if (!this.connected) return void this.#early.push([channel, packet]);
    const payloads = this.#seal.open(channel, packet);
    if (typeof payloads === "string") return this.#refuse(channel, payloads);
    const command = this.#commands.get(channel);
    if (!command) return;
    this.counters.received += payloads.length;
    for (const payload of payloads) void this.#deliver(command, payload);
  }

  async #deliver(command: string, payload: Buffer): Promise<void> {
    try {
      await this.receive(command, payload);
    } catch (error) {
      this.logger.error(`A ${command} packet could not be handled.`, error);
    }
  }

  #refuse(channel: string, why: Refusal): void {
    this.counters[why]++;
    this.#warn(why, `Dropped a packet on ${channel}: it is ${why}.`);
  }

  #notReceived(packets: readonly BusPacket[]): void {
    const [{ type, target } = { type: undefined, target: undefined }] = packets;
    if (!target || !this.#link.knowsAllSubscribers || (type !== "REQ" && type !== "EVENT")) return;
    if (type === "REQ") this.counters.unreceived += packets.length;
    for (const packet of packets) this.#fail(packet, (where) => new NoReceiverError(where));
    this.#dropPeer(target, "it no longer listens");
  }

  #notSent(packet: BusPacket, error: Error): void {
    this.counters.publishErrors++;
    this.#warn("publish", `A ${packet.type} packet could not be sent: ${error.message}.`);
    this.#fail(packet, (where) => {
      if (error instanceof LinkDownError) return new Errors.BrokerDisconnectedError("The bus is down.");
      // Redis answered and refused, for instance by its ACL.
      if (error.name === "ReplyError") return new NoReceiverError(where, error.message);
      return new LostAnswerError(where, "the link to Redis was lost");
    });
  }

  #fail({ type, payload }: BusPacket, errorAt: Parameters<WaitingCalls["fail"]>[1]): void {
    if (type === "EVENT") this.counters.lostEvents++;
    if (type === "REQ") this.#waiting.fail(payload.id, errorAt);
  }

  #dropPeer(node: string, why: string): void {
    this.counters.lostPeers++;
    this.#waiting.lose(why, node);
    this.transit.discoverer.remoteNodeDisconnected(node, true);
  }
}
