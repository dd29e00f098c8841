import type { ServiceBroker } from "moleculer";
import type { Config } from "./config.ts";
import { OperatorError } from "./operator-error.ts";
import type { BusCounters } from "./transporter/counters.ts";
import { HardenedRedis, type HardenedRedisOptions } from "./transporter/hardened-redis.ts";

export type { BusCounters } from "./transporter/counters.ts";
export { LostAnswerError, NoReceiverError } from "./transporter/errors.ts";
export type { HardenedRedisOptions } from "./transporter/hardened-redis.ts";

/** A transporter for one broker: `new ServiceBroker({ transporter: hardenedRedis({ url, key }) })`. */
export const hardenedRedis = (options: HardenedRedisOptions): HardenedRedis => new HardenedRedis(options);

/** The transporter that the configuration asks for: none without REDIS_URL. Throws an OperatorError when BUS_KEY is missing. */
export function transporterOf({ redisUrl, busKey }: Pick<Config, "redisUrl" | "busKey">): HardenedRedis | null {
  if (!redisUrl) return null;
  if (!busKey) {
    const remedy = "set the same one, at least 32 characters, for every process that shares the Redis";
    throw new OperatorError(`REDIS_URL needs BUS_KEY, which signs what the processes say to each other: ${remedy}.`);
  }
  return hardenedRedis({ url: redisUrl, key: busKey });
}

/** The counters of a broker's bus; undefined for a broker that is on none of ours. */
export function busCounters(broker: ServiceBroker): Readonly<BusCounters> | undefined {
  const transporter = broker.transit?.tx;
  return transporter instanceof HardenedRedis ? transporter.counters : undefined;
}
