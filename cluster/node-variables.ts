import { join } from "node:path";
import { type Config, describeConfig } from "../lib/config.ts";
import { findServices } from "../lib/node.ts";
import { provision } from "../lib/provision.ts";
import { hasDatabase } from "./environment.ts";
import type { Holdings } from "./keeper-contract.ts";

/** What every program may have of the environment it was started from. */
const HARMLESS = ["PATH", "HOME", "TMPDIR", "TZ", "LANG", "LC_ALL", "NODE_EXTRA_CA_CERTS"];

/** Which services get which secret. Nobody gets the database's superuser. */
const SECRETS: Readonly<Record<string, readonly string[]>> = {
  ADMIN_KEY: ["gateway"],
  SHOP_SECRET: ["orders", "payments", "customers", "operations", "notifications"],
  SMTP_URL: ["notifications"],
  STRIPE_SECRET_KEY: ["payments"],
  STRIPE_WEBHOOK_SECRET: ["payments"],
};

/** The descriptor under which a node finds the listening socket. */
export const LISTENING = 3;

interface Options {
  readonly service: string;
  readonly config: Config;
  readonly holdings: Holdings;
  /** Of the supervisor's own process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The environment of a node's process: the settings, its own database, and the secrets that it needs. Makes the database if it is missing. */
export async function nodeVariables({ service, config, holdings, environment }: Options): Promise<Record<string, string>> {
  const names = [...HARMLESS, ...describeConfig({}).flatMap(({ name, isSecret }) => (isSecret ? [] : [name]))];
  const passed = names.flatMap((name) => (environment[name] ? [[name, environment[name]]] : []));
  const secrets: Record<string, string | undefined> = {
    ADMIN_KEY: holdings.adminKey,
    SHOP_SECRET: holdings.shopSecret,
    SMTP_URL: config.smtpUrl,
    STRIPE_SECRET_KEY: config.stripeSecretKey,
    STRIPE_WEBHOOK_SECRET: config.stripeWebhookSecret,
  };
  const own = Object.entries(secrets).filter(([name, value]) => value && SECRETS[name]?.includes(service));
  return {
    ...Object.fromEntries(passed),
    SEED: config.seed,
    REDIS_URL: holdings.redisUrl,
    BUS_KEY: holdings.busKey,
    NODE_COMPILE_CACHE: join(config.data, "compile-cache"),
    ...Object.fromEntries(own),
    ...(service === "gateway" && { LISTEN_FD: String(LISTENING), SHOP_SERVICES: findServices().join(",") }),
    ...(hasDatabase(service) && {
      [`${service.toUpperCase()}_DATABASE_URL`]: await provision({ ...config, databaseUrl: holdings.databaseUrl }, service),
    }),
  };
}
