import type { BrokerOptions } from "moleculer";
import { type Config, readConfig } from "./lib/config.ts";
import { closeEnvironmentOf } from "./lib/environment.ts";
import { figuring } from "./lib/figures.ts";
import { nodeName } from "./lib/ids.ts";
import { callPath, LeastPending, limitsOf, speaksAgainst } from "./lib/resilience.ts";
import { transporterOf } from "./lib/transporter.ts";

/** The options of every broker, each with its reason. What differs between shops is in the configuration, not here. */
export const brokerOptions = (config: Config): BrokerOptions => ({
  namespace: config.namespace,
  // Moleculer tells two lives of a process apart by its node id only, so each start gets a new one.
  nodeID: nodeName("node"),
  logger: {
    type: "Console",
    options: { level: config.logLevel, formatter: config.logFormat, colors: config.logFormat === "short" },
  },
  // Without REDIS_URL a process is alone.
  transporter: transporterOf(config),
  // Seconds. A killed process is noticed within 300 ms by its subscriptions; heartbeats are for a host that vanished or a process that
  // hangs. Three may get lost, and a busy process be late by as much, before others let go of it and its work: after 6 to 12 s.
  heartbeatInterval: 2,
  heartbeatTimeout: 6,
  // Contracts validate on both shapes; a second validator would be a second truth.
  validator: false,
  // A caller always gives up at last. Actions say their own time; this is for those that do not, such as `$node.list`.
  requestTimeout: config.requestTimeout,
  // A loop of calls between services is a bug and should be seen as one.
  maxCallLevel: 20,
  // What a call passes through, in an order of ours.
  internalMiddlewares: false,
  middlewares: callPath({
    retry: {
      // Another node answers at once or there is none: two pauses of 50 and 100 ms tell, the third is for a bad moment.
      most: 3,
      first: 50,
      longest: 400,
      // A shop in trouble gets at most a fifth more calls. A killed node's calls in flight come at once: about 200 at 600 a second
      // and 300 ms until it is noticed.
      share: 0.2,
      burst: 200,
      // A process is back after 1.2 to 1.5 s on two quiet cores and later on busy ones; after five it is an outage, and then people
      // shall be told at once.
      patience: 5_000,
    },
    outermost: figuring,
  }),
  circuitBreaker: {
    enabled: true,
    check: speaksAgainst,
    // Half of the calls: retries carry a shop over less than that.
    threshold: 0.5,
    // A hanging node gets few calls, since it owes answers. Eight are enough to tell a failing node from a bad input.
    minRequestCount: 8,
    // Seconds. Long enough for eight calls that time out one after the other by fours, short enough to forget a bad minute.
    windowTime: 20,
    // A wrong verdict costs an action of one node two seconds, and a healed one is back within four.
    halfOpenTime: 2_000,
  },
  // For actions of ordinary Moleculer services; ours say their own, by what their contract says of repeating them.
  bulkhead: { enabled: true, ...limitsOf("never") },
  registry: {
    // A call within the process costs a microsecond, one to another a fifth of a millisecond.
    preferLocal: true,
    strategy: LeastPending,
    // Between "send me nothing more" and refusing: others must have heard of it even when they are busy. Alone there are no others.
    stopDelay: config.redisUrl ? 500 : 0,
  },
  // A node that stops finishes what it has begun: a second more than the longest action, which is a payment of 12 s. Its own calls
  // are waited for first and then those it answers, which all began before. With 0.5 s of notice, 5 s
  // for its sagas and 5 s for its database it is gone after at most 24 s; whoever told it to stop kills it after 30.
  tracking: { enabled: true, shutdownTimeout: 13_000 },
  // A node is callable as soon as it has started: the stock second of waiting before it tells the others is too long.
  transit: { serviceChangedDebounceTime: 50 } as BrokerOptions["transit"] & object,
  // Signals are handled by the process's own ordered stop.
  skipProcessEventRegistration: true,
  stopped: closeEnvironmentOf,
});

/** For `moleculer-runner`, which calls a configuration that is a function and leaves signals to the broker. */
export default (): BrokerOptions => ({ ...brokerOptions(readConfig()), skipProcessEventRegistration: false });
