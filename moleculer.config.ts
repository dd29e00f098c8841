import type { BrokerOptions } from "moleculer";
import { type Config, readConfig } from "./lib/config.ts";
import { closeEnvironmentOf } from "./lib/environment.ts";
import { nodeName } from "./lib/ids.ts";

/** The options of every broker, each with its reason. What differs between shops is in the configuration, not here. */
export const brokerOptions = (config: Config): BrokerOptions => ({
  namespace: config.namespace,
  // Moleculer tells two lives of a process apart by its node id only, so each start gets a new one.
  nodeID: nodeName("node"),
  logger: {
    type: "Console",
    options: { level: config.logLevel, formatter: config.logFormat, colors: config.logFormat === "short" },
  },
  // Contracts validate on both shapes; a second validator would be a second truth.
  validator: false,
  // A caller always gives up at last. Actions say their own time; this is for those that do not, such as `$node.list`.
  requestTimeout: config.requestTimeout,
  // A loop of calls between services is a bug and should be seen as one.
  maxCallLevel: 20,
  // A node that stops finishes what it has begun.
  tracking: { enabled: true, shutdownTimeout: 10_000 },
  // A node is callable as soon as it has started: the stock second of waiting before it tells the others is too long.
  transit: { serviceChangedDebounceTime: 50 } as BrokerOptions["transit"] & object,
  // Signals are handled by the process's own ordered stop.
  skipProcessEventRegistration: true,
  stopped: closeEnvironmentOf,
});

/** For `moleculer-runner`, which calls a configuration that is a function. */
export default (): BrokerOptions => brokerOptions(readConfig());
