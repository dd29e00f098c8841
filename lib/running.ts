import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ServiceBroker } from "moleculer";
import type { Action, Event, Call } from "./contract.ts";
import { type Database, openDatabase } from "./database.ts";
import { type Environment, environmentOf } from "./environment.ts";
import { fault } from "./fault.ts";
import { openFeed } from "./feed.ts";
import { askNodes } from "./figures.ts";
import type { AnyHandler, Here } from "./handling.ts";
import { trimKeys } from "./idempotency.ts";
import { errorFields, type Log, logOver } from "./log.ts";
import { migrate } from "./migrate.ts";
import { provision } from "./provision.ts";
import { startReactions } from "./reactions.ts";
import { currentScope } from "./scope.ts";
import { startSagas } from "./saga/runner.ts";
import type { Definition, Job, Resources } from "./definition.ts";
import { kernelContract } from "./kernel-contract.ts";
import { type Durable, kernelHandlers } from "./kernel-handlers.ts";
import { startJobs } from "./jobs.ts";

/** A service that runs in this process. */
export interface Running extends Here {
  readonly name: string;
  /** By the key of the action. */
  readonly handlers: Readonly<Record<string, AnyHandler>>;
  /** The feeds that it reads, by the names of their services. */
  readonly feeds: readonly string[];
  /** A feed has news. */
  nudge(feed: string): void;
  /** Begins nothing more by itself and finishes what it has begun; calls are still answered. */
  finish(): Promise<void>;
  /** Lets go of the database. */
  close(): Promise<void>;
}

interface Parts<C> {
  readonly broker: ServiceBroker;
  readonly name: string;
  readonly contract: Readonly<Record<string, Action>>;
  readonly events: readonly Event[];
  readonly define: (resources: Resources) => Definition<C>;
  readonly folder?: string;
}

const SERVICES = join(import.meta.dirname, "../services");
const TRIM_EVERY = 600_000;

/** Opens a service's database, binds its handlers and sets its reactions, sagas and jobs going. */
export async function startService<C>({ broker, name, contract, events, define, folder }: Parts<C>): Promise<Running> {
  const environment = await environmentOf(broker);
  const log = logOver(broker.getLogger(name));
  const db = await openOwnDatabase(environment, name, join(folder ?? join(SERVICES, name), "migrations"));
  const requireDb = () => db ?? missing(`${name} has no database: it has no migrations folder`);
  const call = callOver(broker);
  // Sagas are declared with the resources and run with them: whoever starts one does so after this function is done.
  let durable: Durable | undefined;
  const sagas = () => durable?.sagas ?? missing(`${name} starts a saga before it is running`);
  const resources: Resources = {
    get db() {
      return requireDb();
    },
    config: environment.config,
    log,
    deriveKey: environment.deriveKey,
    call,
    sagas: { start: (tx, saga, given) => sagas().start(tx, saga, given), outcome: (id, wait) => sagas().outcome(id, wait) },
    peers: () => peers(broker),
    addressOf: (service) => addressOf(broker, service),
    nodes: () => askNodes(broker),
  };
  const definition = define(resources);
  durable = db && startDurable({ broker, name, db, call, log, definition });
  const jobs: Job[] = [
    ...(definition.jobs ?? []),
    ...(db ? [{ name: "trim keys", every: TRIM_EVERY, work: () => trimKeys(db) }] : []),
  ];
  await definition.start?.();
  const stopJobs = startJobs(jobs, log);
  const kernel = kernelHandlers({ name, contract, events, durable, definition });
  return {
    name,
    log,
    ...(db && { db }),
    handlers: { ...kernel, ...(definition.actions as Readonly<Record<string, AnyHandler>>) },
    requireDb,
    feeds: durable?.reactions.feeds ?? [],
    nudge: (feed) => durable?.reactions.nudge(feed),
    finish: () => finish({ durable, definition, stopJobs }),
    close: async () => db?.close(),
  };
}

function missing(what: string): never {
  throw new Error(what);
}

async function openOwnDatabase(environment: Environment, service: string, migrations: string): Promise<Database | undefined> {
  if (!existsSync(migrations)) return undefined;
  const { config } = environment;
  const url = await provision(config, service);
  await migrate(url, migrations);
  return openDatabase(url, { service, poolSize: config.poolSize });
}

/** Calls made for a service itself, not for a request: nobody's rights, only the system's. */
export function callOver(broker: ServiceBroker): Call {
  return (action, input) => {
    const requestID = currentScope()?.requestId;
    const options = {
      meta: { caller: { kind: "system" }, edge: null },
      timeout: action.timeout,
      ...(requestID && { requestID }),
    };
    return broker.call(action.name, input as Record<string, unknown>, options) as never;
  };
}

function peers(broker: ServiceBroker): string[] {
  const actions = broker.registry.getActionList({ onlyAvailable: true, skipInternal: true });
  return actions.flatMap(({ name }) => (name.endsWith(".describe") ? [name.slice(0, -".describe".length)] : []));
}

function addressOf(broker: ServiceBroker, service: string): string | undefined {
  const found = broker.registry.getServiceList({ onlyAvailable: true }).find(({ name }) => name === service);
  return typeof found?.metadata.url === "string" ? found.metadata.url : undefined;
}

interface DurableParts<C> {
  readonly broker: ServiceBroker;
  readonly name: string;
  readonly db: Database;
  readonly call: Call;
  readonly log: Log;
  readonly definition: Definition<C>;
}

function startDurable<C>({ broker, name, db, call, log, definition }: DurableParts<C>): Durable {
  const feed = openFeed(db, name);
  feed.onMoved(() => tellReaders(broker, name).catch((error) => log.warn("nudge not sent", errorFields(error))));
  const node = broker.nodeID;
  const reactions = startReactions({
    db,
    service: name,
    reactions: definition.reactions ?? [],
    readFeed: async (announcer, query) => {
      const { feed: read } = kernelContract(announcer);
      // Asked first, because the broker complains aloud of every call that it cannot place.
      if (!broker.registry.actions.isAvailable(read.name)) throw fault("unavailable", `${announcer} is not running`);
      return call(read, query);
    },
    log,
    node,
  });
  const sagas = startSagas({ db, service: name, definitions: definition.sagas ?? [], call, log, node });
  return { db, feed, reactions, sagas };
}

/** Those who say which feeds they read are spared the news of the others. */
async function tellReaders(broker: ServiceBroker, feed: string): Promise<void> {
  const all = broker.registry.getServiceList({ onlyAvailable: true, skipInternal: true });
  const readers = all.filter(({ metadata: { feeds } }) => !Array.isArray(feeds) || feeds.includes(feed));
  if (readers.length > 0)
    await broker.broadcast("feed.moved", { feed }, { groups: [...new Set(readers.map(({ name }) => name))] });
}

interface Stoppable<C> {
  readonly durable: Durable | undefined;
  readonly definition: Definition<C>;
  readonly stopJobs: () => Promise<void>;
}

async function finish<C>({ durable, definition, stopJobs }: Stoppable<C>): Promise<void> {
  await Promise.all([durable?.reactions.stop(), durable?.sagas.stop(), stopJobs()]);
  await definition.stop?.();
}
