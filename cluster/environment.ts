import { hkdfSync } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../lib/config.ts";
import type { Environment } from "../lib/environment.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { getsSecret } from "./secrets.ts";

/**
 * The environment of a node on the bus: everything is given, nothing is kept on its disk. A secret that is missing is
 * complained of, because one made up here would differ from what the other nodes have.
 */
export function environmentOnBus(config: Config, services: readonly string[]): Environment {
  const missing = missingSettings(config, services);
  if (missing.length > 0) {
    throw new OperatorError(`A node of ${services.join(", ")} needs ${listed(missing)}: ${remedyFor(services)}`);
  }
  return {
    config,
    adminKey: config.adminKey ?? "",
    deriveKey(purpose) {
      if (config.shopSecret) return Buffer.from(hkdfSync("sha256", config.shopSecret, "brickwork", purpose, 32));
      throw new OperatorError(`A node of ${services.join(", ")} needs SHOP_SECRET: ${remedyFor(services)}`);
    },
    close: async () => {},
  };
}

/** Whether a service keeps data. */
export const hasDatabase = (service: string): boolean =>
  existsSync(join(import.meta.dirname, "../services", service, "migrations"));

function missingSettings(config: Config, services: readonly string[]): string[] {
  const hasDatabases = config.databaseUrl ?? services.every((service) => !hasDatabase(service) || config.databaseUrls[service]);
  const given = {
    REDIS_URL: config.redisUrl,
    DATABASE_URL: hasDatabases,
    BUS_KEY: config.busKey,
    ADMIN_KEY: config.adminKey ?? !getsSecret(services, "ADMIN_KEY"),
    SHOP_SECRET: config.shopSecret ?? !getsSecret(services, "SHOP_SECRET"),
  };
  return Object.entries(given).flatMap(([name, value]) => (value ? [] : [name]));
}

const listed = (names: readonly string[]): string => names.join(", ").replace(/, (\w+)$/, " and $1");

const remedyFor = (services: readonly string[]): string =>
  `\`npx brickwork env ${services.join(" ")}\` prints what to set, where the shop runs.`;
