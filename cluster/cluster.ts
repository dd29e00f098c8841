import { resolve } from "node:path";
import { ServiceBroker } from "moleculer";
import type { Config } from "../lib/config.ts";
import { provideEnvironment } from "../lib/environment.ts";
import { nodeName } from "../lib/ids.ts";
import { logOver } from "../lib/log.ts";
import { findServices } from "../lib/node.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { brokerOptions } from "../moleculer.config.ts";
import { openControl } from "./control.ts";
import { Deployments } from "./deployments.ts";
import { environmentOnBus } from "./environment.ts";
import { Fleet, type Member } from "./fleet.ts";
import type { Attached, Ended, Holdings, KeeperOptions } from "./keeper-contract.ts";
import { findKeeper, startKeeper } from "./keeper-client.ts";
import { readTail } from "./log-files.ts";
import { sharedVariables } from "./node-variables.ts";
import { Releases } from "./releases.ts";
import { rollOut } from "./rollout.ts";
import { Supervisor, type Wanted } from "./supervisor.ts";
import { supervisorService } from "./supervisor-service.ts";
import { type Door, Refusal, type Wire } from "./wire.ts";

interface Options {
  readonly config: Config;
  /** Of this process: what nodes may have of it is passed on. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How many nodes of a service; one where nothing is said. */
  readonly scale: Readonly<Record<string, number>>;
  readonly say: (line: string) => void;
  /** Somebody asked for the end of everything over the bus. */
  readonly onStop: () => void;
}

/** A supervisor at work. */
export interface Cluster {
  readonly broker: ServiceBroker;
  readonly fleet: Fleet;
  readonly holdings: Holdings;
  /** True when the nodes of a supervisor before were taken over. */
  readonly isAdopted: boolean;
  /** Resolves when the keeper is gone: nothing of the shop is left then. */
  readonly lost: Promise<void>;
  /** Starts what is missing. Returns when everything that is wanted is ready or has been given up. */
  settle(): Promise<void>;
  /** Ends all nodes in order, then Redis and PostgreSQL. */
  stop(): Promise<void>;
}

/** Becomes the supervisor of a data folder: of what runs there, or of a keeper of its own. Throws an OperatorError where it cannot. */
export async function openCluster(options: Options): Promise<Cluster> {
  const config = { ...options.config, data: resolve(options.config.data) };
  const keeper = (await findKeeper(config.data)) ?? (await startKeeper(keeperOptions(config, options), options.environment));
  const holdings = await keeper.ask<Holdings>("holdings");
  const attached = await attach(keeper, config, holdings);
  let control: Door | undefined;
  const say = (line: string): void => {
    options.say(line);
    control?.tell("said", line);
  };
  keeper.onNews("said", (line) => say(String(line)));
  const { broker, fleet, supervisor, deployments } = assemble({ ...options, config, keeper, holdings, say });
  const isAdopted = supervisor.adopt(attached);
  await broker.start();
  control = await openControl(config.data, broker, async (services) => {
    for (const service of services) mustExist(service);
    return sharedVariables({ services, config, holdings, environment: options.environment });
  });
  return {
    broker,
    fleet,
    holdings,
    isAdopted,
    lost: keeper.gone,
    settle: async () => supervisor.want(await wantedServices(supervisor, deployments, options.scale)),
    async stop() {
      await supervisor.stop();
      await control.close();
      await broker.stop();
      return endKeeper(keeper);
    },
  };
}

async function endKeeper(keeper: Wire): Promise<void> {
  await keeper.ask("end");
  await keeper.gone;
}

interface Parts {
  readonly broker: ServiceBroker;
  readonly fleet: Fleet;
  readonly supervisor: Supervisor;
  readonly deployments: Deployments;
}

function assemble({ config, keeper, holdings, environment, say, onStop }: Options & { keeper: Wire; holdings: Holdings }): Parts {
  const onBus = { ...config, redisUrl: holdings.redisUrl, busKey: holdings.busKey, databaseUrl: holdings.databaseUrl };
  const broker = new ServiceBroker({ ...brokerOptions(onBus), nodeID: nodeName("supervisor") });
  provideEnvironment(broker, environmentOnBus(onBus, ["supervisor"]));
  const onCrash = (member: Member, ended: Ended): void => supervisor.onCrash(member, ended);
  const fleet = new Fleet({ keeper, holdings, broker, config, environment, onCrash });
  const supervisor = new Supervisor({ fleet, keeper, log: logOver(broker.getLogger("supervisor")), say });
  const { data } = config;
  const deployments = new Deployments({
    releases: new Releases({ data }),
    supervisor,
    say,
    watch: config.rolloutWatch,
    rollOut: (service, source, watch) =>
      rollOut({ service, source, watch, fleet, broker, say, lastWords: () => lastWords(data, service) }),
  });
  broker.createService(supervisorService({ broker, supervisor, fleet, deployments, data, stopAll: onStop }));
  return { broker, fleet, supervisor, deployments };
}

const keeperOptions = (
  { data, namespace, host, port, drainTime, databaseUrl, redisUrl, adminKey, shopSecret, busKey }: Config,
  { environment }: Options,
): KeeperOptions => ({
  data, namespace, host, port, drainTime, databaseUrl, redisUrl, adminKey, shopSecret, busKey, path: environment.PATH ?? "",
}); // prettier-ignore

async function attach(keeper: Wire, { data, namespace }: Config, held: Holdings): Promise<Attached> {
  try {
    if (held.namespace !== namespace) {
      throw new OperatorError(
        `The shop on ${data} runs as ${held.namespace}: set BRICKWORK_NAMESPACE to that, or name another folder.`,
      );
    }
    return await keeper.ask<Attached>("attach");
  } catch (error) {
    keeper.close();
    if (error instanceof Refusal && error.code === "conflict") {
      throw new OperatorError(`The shop on ${data} runs already: \`npx brickwork ps\` shows it, \`npx brickwork stop\` ends it.`);
    }
    throw error;
  }
}

async function wantedServices(
  supervisor: Supervisor,
  deployments: Deployments,
  scale: Readonly<Record<string, number>>,
): Promise<Record<string, Wanted>> {
  for (const service of Object.keys(scale)) mustExist(service);
  const services = findServices();
  const sources = await deployments.first(services.filter((service) => !supervisor.wanted(service)));
  return Object.fromEntries(
    services.map((service) => {
      const before = supervisor.wanted(service);
      return [service, { count: scale[service] ?? before?.count ?? 1, source: before?.source ?? sources.get(service)! }];
    }),
  );
}

function mustExist(service: string): void {
  const known = findServices();
  if (!known.includes(service))
    throw new OperatorError(`There is no service "${service}". The services are ${known.join(", ")}.`);
}

/** The line in which a service's nodes have last said what was wrong: below an error stands where it was, which nobody wants to read first. */
async function lastWords(data: string, service: string): Promise<string> {
  const { lines } = await readTail(data, service, 30);
  const telling = lines.findLast((line) => /^(brickwork: |\w*Error\b)/.test(line)) ?? lines.at(-1);
  return telling?.replace(/^brickwork: /, "") ?? "it said nothing";
}
