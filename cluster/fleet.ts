import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceBroker } from "moleculer";
import type { Config } from "../lib/config.ts";
import { nodeName } from "../lib/ids.ts";
import { unready } from "./callable.ts";
import type { Attached, Ended, Holdings, Kept, Launch } from "./keeper-contract.ts";
import { nodeVariables } from "./node-variables.ts";
import { beNice, beNormal } from "./priority.ts";
import type { Wire } from "./wire.ts";

/** The code that a node runs. */
export interface Source {
  readonly version: string;
  readonly folder: string;
}

/** The end of a node is a crash unless it was told to go (`leaving`) or is being tried by a rollout, which sees to it (`trial`). */
export type Member = Kept & { state: "starting" | "ready" | "trial" | "leaving" };

const POLL = 50;

interface Options {
  readonly keeper: Wire;
  readonly holdings: Holdings;
  readonly broker: ServiceBroker;
  readonly config: Config;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A node has ended that was not told to. */
  readonly onCrash: (member: Member, ended: Ended) => void;
}

/** The nodes of this machine, run by the keeper: starts them, waits for them, lets them go. */
export class Fleet {
  readonly #options: Options;
  readonly #members = new Map<string, Member>();
  readonly #ends = new Map<string, () => void>();
  readonly #ended = new Map<string, Promise<void>>();
  /** Ends that were heard of before the answer to their start. */
  readonly #early = new Map<string, Ended>();

  constructor(options: Options) {
    this.#options = options;
    options.keeper.onNews("ended", (news) => this.#onEnded(news as Ended));
  }

  /** Takes over the nodes that run already. */
  adopt({ kept }: Attached): void {
    for (const each of kept) this.#add(each, "ready");
  }

  /** The nodes of a service that are not about to go. */
  of(service: string): Member[] {
    return this.all().filter(({ services, state }) => services.includes(service) && state !== "leaving");
  }

  all(): Member[] {
    return [...this.#members.values()];
  }

  get(nodeId: string): Member | undefined {
    return this.#members.get(nodeId);
  }

  async start(service: string, { version, folder }: Source, how: "at once" | "standing back"): Promise<Member> {
    const { keeper, ...rest } = this.#options;
    const nodeId = nodeName(service);
    const program = join(folder, "cluster/node-main.ts");
    const launch: Launch = {
      nodeId,
      services: [service],
      version,
      folder,
      command: [process.execPath, program, service, "--id", nodeId, "--version", version],
      env: await nodeVariables({ ...rest, service }),
      listens: service === "gateway",
    };
    const member = this.#add(await keeper.ask<Kept>("start", launch), "starting");
    if (how === "standing back") await beNice(member.pid);
    return member;
  }

  /** Waits until a node's services are ready and can be called from here. Answers what it lacked when that takes too long. */
  async whenReady(member: Member, within: number): Promise<string | undefined> {
    const deadline = performance.now() + within;
    for (let reason: string | undefined = "has not started"; ; await sleep(POLL)) {
      if (!this.#members.has(member.nodeId)) return `${member.nodeId} has died`;
      reason = await unready(this.#options.broker, member.nodeId, member.services);
      if (reason === undefined) break;
      if (performance.now() > deadline) return reason;
    }
    if (member.state === "starting") member.state = "ready";
    await beNormal(member.pid);
    return undefined;
  }

  /** Lets a node finish what it has begun, and waits for its end, which is brought about when it does not come by itself. */
  async drain(member: Member): Promise<"stopped" | "killed"> {
    member.state = "leaving";
    let how: "stopped" | "killed" = "stopped";
    const late = setTimeout(() => {
      how = "killed";
      void this.kill(member);
    }, this.#options.config.drainTime);
    await this.#signal(member, "SIGTERM");
    await this.#ended.get(member.nodeId);
    clearTimeout(late);
    return how;
  }

  kill(member: Member): Promise<void> {
    return this.#signal(member, "SIGKILL");
  }

  async #signal({ nodeId }: Member, name: NodeJS.Signals): Promise<void> {
    if (this.#members.has(nodeId)) await this.#options.keeper.ask("signal", { nodeId, name });
  }

  #add(kept: Kept, state: Member["state"]): Member {
    const member: Member = { ...kept, state };
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#members.set(member.nodeId, member);
    this.#ended.set(member.nodeId, promise);
    this.#ends.set(member.nodeId, resolve);
    const early = this.#early.get(member.nodeId);
    if (early) this.#onEnded(early);
    return member;
  }

  #onEnded(ended: Ended): void {
    const member = this.#members.get(ended.nodeId);
    if (!member) return void this.#early.set(ended.nodeId, ended);
    this.#early.delete(ended.nodeId);
    this.#members.delete(ended.nodeId);
    this.#ends.get(ended.nodeId)?.();
    this.#ends.delete(ended.nodeId);
    this.#ended.delete(ended.nodeId);
    this.#options.broker.registry.nodes.disconnected(ended.nodeId, member.state !== "leaving");
    if (member.state === "starting" || member.state === "ready") this.#options.onCrash(member, ended);
  }
}
