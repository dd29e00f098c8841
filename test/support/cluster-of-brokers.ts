import { type BrokerOptions, ServiceBroker, type ServiceSchema } from "moleculer";
import type { z } from "zod";
import { type Config, readConfig } from "../../lib/config.ts";
import type { Action, Output } from "../../lib/contract.ts";
import { openEnvironment, provideEnvironment } from "../../lib/environment.ts";
import { brokerOptions } from "../../moleculer.config.ts";
import { scratchNamespace } from "./database.ts";
import { eventually } from "./eventually.ts";

type Options = Partial<BrokerOptions>;

/** Some brokers on one bus, for services without a database. They end with the test. */
export interface Cluster extends AsyncDisposable {
  /** Adds a node and waits until the nodes that are there can call its services. */
  add(name: string, services?: readonly ServiceSchema[], options?: Options): Promise<ServiceBroker>;
  /** A process's sudden death: it neither hears nor says anything any more. */
  kill(broker: ServiceBroker): Promise<void>;
  /** Stops a node in order. */
  stop(broker: ServiceBroker): Promise<void>;
}

const secret = "a secret of at least 32 characters";
const nowhere = { databaseUrl: "postgres://nobody:secret@127.0.0.1:1/none", adminKey: secret, shopSecret: secret };

/** The configuration that brokers get where a test wants nothing special. */
export const quietConfig = (given: Partial<Config> = {}): Config =>
  readConfig({ ...nowhere, namespace: scratchNamespace(), mode: "test", seed: "empty", logLevel: "fatal", ...given }, {});

interface Ways {
  /** Ordinary Moleculer brokers without any setting of ours. */
  readonly isStock?: boolean;
  readonly config?: Config;
}

/** Starts an empty bus. `common` goes to every node. */
export async function startCluster(
  common: Options = {},
  { isStock = false, config = quietConfig() }: Ways = {},
): Promise<Cluster> {
  const environment = await openEnvironment(config, () => {});
  const brokers = new Set<ServiceBroker>();
  const stock = (): Options => ({ namespace: config.namespace, logger: false, skipProcessEventRegistration: true });
  return {
    async add(name, services = [], options = {}) {
      const base = isStock ? stock() : { ...brokerOptions(config), stopped: async () => {} };
      const broker = new ServiceBroker({
        nodeID: `${name}-${brokers.size}`,
        ...base,
        transporter: "Fake",
        ...common,
        ...options,
      });
      provideEnvironment(broker, environment);
      for (const schema of services) broker.createService(schema);
      await broker.start();
      await Promise.all([...brokers].map((other) => seen(other, broker, services)));
      brokers.add(broker);
      return broker;
    },
    async kill(broker) {
      brokers.delete(broker);
      // The Fake transporter says nothing when it disconnects.
      await broker.transit?.tx.disconnect();
    },
    async stop(broker) {
      brokers.delete(broker);
      await broker.stop();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...brokers].map((broker) => broker.stop()));
      await environment.close();
    },
  };
}

const seen = (from: ServiceBroker, broker: ServiceBroker, services: readonly ServiceSchema[]) =>
  eventually(() => {
    for (const { name } of services) {
      if (!from.registry.hasService(name, broker.nodeID)) throw new Error(`${name} of ${broker.nodeID} is not seen yet`);
    }
  });

/** Calls an action as another service would. */
export const callFrom = <A extends Action>(broker: ServiceBroker, action: A, input: z.input<A["input"]>, options = {}) =>
  broker.call(action.name, input as object, { meta: { edge: null }, timeout: action.timeout, ...options }) as Promise<Output<A>>;
