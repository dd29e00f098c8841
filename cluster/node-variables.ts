import { join } from "node:path";
import { type Config, describeConfig } from "../lib/config.ts";
import { findServices } from "../lib/node.ts";
import { provision } from "../lib/provision.ts";
import { hasDatabase } from "./environment.ts";
import type { Holdings } from "./keeper-contract.ts";
import { getsSecret, type Secret } from "./secrets.ts";

/** What every program may have of the environment it was started from. */
const HARMLESS = ["PATH", "HOME", "TMPDIR", "TZ", "LANG", "LC_ALL", "NODE_EXTRA_CA_CERTS"];

/** Settings that are true on one machine only. */
const HERE = new Set(["BRICKWORK_DATA", "HOST", "PORT", "LISTEN_FD"]);

/** The descriptor under which a node finds the listening socket. */
export const LISTENING = 3;

interface Shop {
  readonly config: Config;
  readonly holdings: Holdings;
  /** Of the supervisor's own process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The environment of a node's process that is started here. Makes the service's database if it is missing. */
export async function nodeVariables({ service, ...shop }: Shop & { service: string }): Promise<Record<string, string>> {
  return {
    ...passed(shop, HARMLESS),
    ...(await sharedVariables({ services: [service], ...shop })),
    NODE_COMPILE_CACHE: join(shop.config.data, "compile-cache"),
    ...(service === "gateway" && { LISTEN_FD: String(LISTENING) }),
  };
}

/**
 * What a node of some services needs on any machine, and no more: the shop's settings, the bus, their own databases and their
 * own secrets. Nobody gets the database's superuser. Makes the databases if they are missing.
 */
export async function sharedVariables({
  services,
  config,
  holdings,
  environment,
}: Shop & { services: readonly string[] }): Promise<Record<string, string>> {
  const names = describeConfig({}).flatMap(({ name, isSecret }) => (isSecret || HERE.has(name) ? [] : [name]));
  const secrets: Record<Secret, string | undefined> = {
    ADMIN_KEY: holdings.adminKey,
    SHOP_SECRET: holdings.shopSecret,
    SMTP_URL: config.smtpUrl,
    STRIPE_SECRET_KEY: config.stripeSecretKey,
    STRIPE_WEBHOOK_SECRET: config.stripeWebhookSecret,
  };
  const own = Object.entries(secrets).filter(([name, value]) => value && getsSecret(services, name as Secret));
  return {
    ...passed({ environment }, names),
    SEED: config.seed,
    REDIS_URL: holdings.redisUrl,
    BUS_KEY: holdings.busKey,
    ...Object.fromEntries(own),
    ...(services.includes("gateway") && { SHOP_SERVICES: findServices().join(",") }),
    ...(await databasesOf(services, { ...config, databaseUrl: holdings.databaseUrl })),
  };
}

const passed = ({ environment }: Pick<Shop, "environment">, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])));

async function databasesOf(services: readonly string[], config: Config): Promise<Record<string, string>> {
  const entries = services.filter(hasDatabase).map(async (service) => {
    return [`${service.toUpperCase()}_DATABASE_URL`, await provision(config, service)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
