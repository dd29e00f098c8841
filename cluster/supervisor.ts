import { errorFields, type Log } from "../lib/log.ts";
import { CrashPauses } from "./crash-pauses.ts";
import type { Fleet, Member, Source } from "./fleet.ts";
import type { Attached, Ended } from "./keeper-contract.ts";
import type { Wire } from "./wire.ts";

/** How a service is to run. */
export interface Wanted {
  readonly count: number;
  readonly source: Source;
}

/** What a supervisor leaves to its successor. */
type Memo = Record<string, Wanted> | null;

interface Options {
  readonly fleet: Fleet;
  readonly keeper: Wire;
  readonly log: Log;
  /** Tells the operator what happens, as it happens. */
  readonly say: (line: string) => void;
}

interface Begun {
  readonly started: readonly Member[];
  readonly leaving: readonly Promise<void>[];
  /** Another release than the one that is wanted: they serve until that one does. */
  readonly isMixed: boolean;
}

/** A node that is not ready by then is left alone, and said so. */
const READY_WITHIN = 60_000;

/** Keeps as many nodes of every service running as are wanted. */
export class Supervisor {
  readonly #options: Options;
  readonly #wanted = new Map<string, Wanted>();
  /** One change of a service at a time. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #pauses = new CrashPauses();
  #isStopping = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Goes on where the supervisor before left off: its nodes and what it wanted. Answers whether there was one. */
  adopt(attached: Attached): boolean {
    this.#options.fleet.adopt(attached);
    const memo = attached.memo as Memo;
    for (const [service, wanted] of Object.entries(memo ?? {})) this.#wanted.set(service, wanted);
    return memo !== null;
  }

  get services(): string[] {
    return [...this.#wanted.keys()];
  }

  wanted(service: string): Wanted | undefined {
    return this.#wanted.get(service);
  }

  /** Changes how services run and brings that about; returns when it is so. */
  async want(changes: Readonly<Record<string, Wanted>>): Promise<void> {
    for (const [service, wanted] of Object.entries(changes)) this.#wanted.set(service, wanted);
    await this.#remember();
    await Promise.all(Object.keys(changes).map((service) => this.settle(service)));
  }

  /**
   * Starts what is missing of a service and lets go what is too much, or is of another release and was left by a rollout that
   * did not come to its end; returns when those are ready and these have ended.
   */
  async settle(service: string): Promise<void> {
    const { started, leaving, isMixed } = await this.inTurn(service, () => this.#begin(service));
    // Outside of the turn, so that a crash meanwhile is answered at once.
    await Promise.all([...started.map((member) => this.#getReady(member)), ...leaving]);
    if (isMixed) await Promise.all(await this.inTurn(service, async () => this.#letOthersGo(service)));
  }

  /** Does something about a service while nobody else does. */
  inTurn<T>(service: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(service) ?? Promise.resolve()).then(work);
    const settled = turn.catch(() => undefined);
    this.#turns.set(service, settled);
    return turn;
  }

  /** Writes down which release serves, without changing any node: a rollout has done that. */
  async serves(service: string, source: Source): Promise<void> {
    this.#wanted.set(service, { count: this.#wanted.get(service)?.count ?? 1, source });
    await this.#remember();
  }

  /** A node has died without being told to. */
  onCrash({ nodeId, services }: Member, { code, signal, startedAt }: Ended): void {
    const { say, log } = this.#options;
    if (this.#isStopping) return;
    for (const service of services) {
      const pause = this.#pauses.after(service, startedAt);
      const how = signal ? `was killed by ${signal}` : `ended with code ${code}`;
      say(`${nodeId} ${how}; a new one starts ${pause === 0 ? "now" : `in ${(pause / 1_000).toFixed(1)} s`}`);
      setTimeout(() => {
        this.settle(service).catch((error: unknown) => log.error(`${service} cannot be started`, errorFields(error)));
      }, pause);
    }
  }

  /** Ends all nodes in order. No node is started any more. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#options.keeper.ask("drain");
  }

  async #begin(service: string): Promise<Begun> {
    const { fleet } = this.#options;
    const wanted = this.#wanted.get(service);
    if (!wanted || this.#isStopping) return { started: [], leaving: [], isMixed: false };
    const all = fleet.of(service);
    const here = all.filter(({ version }) => version === wanted.source.version);
    const missing = Array.from({ length: Math.max(0, wanted.count - here.length) });
    // The newest ones go: those before have warm caches.
    const surplus = here.toSorted((a, b) => a.startedAt - b.startedAt).slice(wanted.count);
    const leaving = surplus.map((member) => this.#letGo(member));
    const started = await Promise.all(missing.map(() => fleet.start(service, wanted.source, "at once")));
    return { started, leaving, isMixed: here.length < all.length };
  }

  /** Nobody goes before there are as many of the wanted release as shall be. */
  #letOthersGo(service: string): Promise<void>[] {
    const { source, count } = this.#wanted.get(service)!;
    const all = this.#options.fleet.of(service);
    const serving = all.filter(({ version, state }) => version === source.version && state === "ready");
    if (serving.length < count) return [];
    return all.filter(({ version }) => version !== source.version).map((member) => this.#letGo(member));
  }

  async #getReady(member: Member): Promise<void> {
    const { fleet, say } = this.#options;
    const lack = await fleet.whenReady(member, READY_WITHIN);
    if (lack === undefined) say(`${member.nodeId} is ready`);
    else if (!this.#isStopping) say(`${member.nodeId} does not get ready: ${lack}`);
  }

  async #letGo(member: Member): Promise<void> {
    const how = await this.#options.fleet.drain(member);
    this.#options.say(
      `${member.nodeId} ${how === "stopped" ? "has drained and stopped" : "did not stop in time and was killed"}`,
    );
  }

  async #remember(): Promise<void> {
    await this.#options.keeper.ask("remember", Object.fromEntries(this.#wanted));
  }
}
