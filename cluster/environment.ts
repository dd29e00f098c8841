import { hkdfSync } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../lib/config.ts";
import type { Environment } from "../lib/environment.ts";
import { OperatorError } from "../lib/operator-error.ts";

/**
 * The environment of a node on the bus: everything is given, nothing is kept on its disk. A secret that is missing is
 * complained of by the service that needs it: one made up here would differ from what the other nodes have.
 */
export function environmentOnBus(config: Config, services: readonly string[]): Environment {
  const missing = missingSettings(config, services);
  if (missing.length > 0) {
    throw new OperatorError(`A node needs ${missing.join(" and ")}: set them as they are where the other nodes run.`);
  }
  return {
    config,
    adminKey: config.adminKey ?? "",
    deriveKey(purpose) {
      if (config.shopSecret) return Buffer.from(hkdfSync("sha256", config.shopSecret, "brickwork", purpose, 32));
      throw new OperatorError(`${services.join(", ")} needs SHOP_SECRET: set it as it is where the other nodes run.`);
    },
    close: async () => {},
  };
}

/** Whether a service keeps data. */
export const hasDatabase = (service: string): boolean =>
  existsSync(join(import.meta.dirname, "../services", service, "migrations"));

function missingSettings(config: Config, services: readonly string[]): string[] {
  const hasDatabases = config.databaseUrl ?? services.every((service) => !hasDatabase(service) || config.databaseUrls[service]);
  return [
    ...(config.redisUrl ? [] : ["REDIS_URL"]),
    ...(hasDatabases ? [] : ["DATABASE_URL"]),
    ...(config.busKey ? [] : ["BUS_KEY"]),
    ...(services.includes("gateway") && !config.adminKey ? ["ADMIN_KEY"] : []),
  ];
}
