import { hkdfSync } from "node:crypto";
import type { ServiceBroker } from "moleculer";
import { type Config, readConfig } from "./config.ts";
import { openDataFolder } from "./data-folder.ts";
import { startLastingPostgres } from "./postgres/lasting.ts";

/** What the services of one process share: configuration, the way to the database server, and secrets. */
export interface Environment {
  /** `databaseUrl` is set, also where PostgreSQL is embedded. */
  readonly config: Config;
  /** A 32-byte key for one purpose, from the shop's secret. */
  readonly deriveKey: (purpose: string) => Buffer;
  readonly adminKey: string;
  /** Where the admin key was found: a file's path, or undefined when it was given as ADMIN_KEY. */
  readonly adminKeyPath?: string;
  /** Stops the embedded PostgreSQL, if there is one, and lets go of the data folder. Call it after the broker has stopped. */
  close(): Promise<void>;
}

/**
 * Opens everything below the services. The data folder is used for what the configuration does not give: PostgreSQL, the
 * shop's secret, the admin key. `say` hears what an operator should know of later. Throws an OperatorError that says what to mend.
 */
export async function openEnvironment(config: Config, say: (line: string) => void): Promise<Environment> {
  const isComplete = config.databaseUrl && config.adminKey && (config.shopSecret ?? config.busKey);
  if (isComplete) return environment(config, { secret: (config.shopSecret ?? config.busKey)!, adminKey: config.adminKey! });
  const folder = await openDataFolder(config.data);
  try {
    const secret = config.shopSecret ?? config.busKey ?? (await folder.secret("shop-secret"));
    const adminKey = config.adminKey ?? (await folder.secret("admin-key"));
    const postgres = config.databaseUrl ? undefined : await startLastingPostgres(folder, say);
    return {
      ...environment(postgres ? { ...config, databaseUrl: postgres.url } : config, { secret, adminKey }),
      ...(!config.adminKey && { adminKeyPath: `${folder.path}/admin-key` }),
      async close() {
        await postgres?.stop();
        await folder.close();
      },
    };
  } catch (error) {
    await folder.close();
    throw error;
  }
}

const environment = (config: Config, { secret, adminKey }: { secret: string; adminKey: string }): Environment => ({
  config,
  adminKey,
  deriveKey: (purpose) => Buffer.from(hkdfSync("sha256", secret, "brickwork", purpose, 32)),
  close: async () => {},
});

const environments = new WeakMap<ServiceBroker, Promise<Environment>>();

/** Gives a broker its environment before it starts. */
export const provideEnvironment = (broker: ServiceBroker, given: Environment): void =>
  void environments.set(broker, Promise.resolve(given));

/** The environment of a broker; one that nobody provided (under `moleculer-runner`) is opened from the process's own configuration. */
export function environmentOf(broker: ServiceBroker): Promise<Environment> {
  const known = environments.get(broker) ?? openEnvironment(readConfig(), (line) => broker.logger.warn(line));
  environments.set(broker, known);
  return known;
}

/** Closes a broker's environment, if it ever had one. */
export async function closeEnvironmentOf(broker: ServiceBroker): Promise<void> {
  const known = environments.get(broker);
  environments.delete(broker);
  await (await known)?.close();
}
