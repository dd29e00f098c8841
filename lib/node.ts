import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type BrokerOptions, ServiceBroker, type ServiceSchema } from "moleculer";
import { type Environment, provideEnvironment } from "./environment.ts";
import { OperatorError } from "./operator-error.ts";

const SERVICES = join(import.meta.dirname, "../services");

/** The services there are: the folders under `services/` that hold a `<name>.service.ts`. Nothing else lists them. */
export function findServices(folder = SERVICES): string[] {
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.map(({ name }) => name).filter((name) => readdirSync(join(folder, name)).includes(`${name}.service.ts`));
}

/** Loads services by name. An unknown name is an OperatorError that lists the known ones. */
export async function loadServices(names: readonly string[], folder = SERVICES): Promise<ServiceSchema[]> {
  const known = findServices(folder);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown) throw new OperatorError(`There is no service "${unknown}". The services are ${known.join(", ")}.`);
  return Promise.all(names.map((name) => loadService(join(folder, name, `${name}.service.ts`))));
}

async function loadService(path: string): Promise<ServiceSchema> {
  const module = (await import(pathToFileURL(path).href)) as { default: ServiceSchema };
  return module.default;
}

/** A process's broker with its services. */
export interface Node {
  readonly broker: ServiceBroker;
  /** Stops in order: the gateway lets its requests finish while the other services still answer, then everything else stops. */
  stop(): Promise<void>;
}

interface Options {
  readonly environment: Environment;
  readonly broker: BrokerOptions;
  readonly services: readonly string[];
  /** Services that are no folder of `services/`. */
  readonly schemas?: readonly ServiceSchema[];
}

/** Starts a broker with some services. It does not open or close the environment. */
export async function startNode({ environment, broker: options, services, schemas: more = [] }: Options): Promise<Node> {
  const schemas = [...(await loadServices(services)), ...more];
  const broker = new ServiceBroker({ ...options, stopped: async () => {} });
  provideEnvironment(broker, environment);
  for (const schema of schemas) broker.createService(schema);
  try {
    await broker.start();
  } catch (error) {
    await broker.stop();
    throw error;
  }
  return { broker, stop: () => stop(broker) };
}

async function stop(broker: ServiceBroker): Promise<void> {
  // Moleculer stops a node's services all at once; the gateway's requests need the others until they are answered.
  const gateway = broker.getLocalService("gateway");
  if (gateway) await broker.destroyService(gateway);
  await takeLeave(broker);
  await broker.stop();
}

/** Milliseconds. Who does not answer by then is dead, or has other troubles than a refused call. */
const HEARD_WITHIN = 3_000;

/**
 * Has nobody call this node any more. Moleculer tells the others, and after a fixed time refuses their calls, whether they have
 * heard of it or were busy. Here each is asked for a sign of life behind the news: packets from one node to another arrive in
 * their order, so who answers has heard, and what it had sent before has arrived.
 */
async function takeLeave(broker: ServiceBroker): Promise<void> {
  const { transit, registry, nodeID } = broker;
  const nodes = registry.getNodeList({ onlyAvailable: true }).map(({ id }) => id);
  const others = nodes.filter((id) => id !== nodeID);
  if (!transit || others.length === 0) return;
  await transit.sendNodeInfo(registry.regenerateLocalRawInfo(true, true));
  await broker.ping(others, HEARD_WITHIN);
}
