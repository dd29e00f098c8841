import { Command } from "commander";
import { hasDatabase } from "../cluster/environment.ts";
import { readConfig } from "../lib/config.ts";
import { findServices } from "../lib/node.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { provisionAs } from "../lib/provision.ts";
import { dataOption, jsonOption } from "./options.ts";
import { print, printJson } from "./running.ts";

/** `brickwork provision`: databases and roles for services that are given nothing but their own. */
export const provisionCommand = () =>
  new Command("provision")
    .description(
      "make the database and the role that each <SERVICE>_DATABASE_URL names, as the superuser of DATABASE_URL, and exit: what runs the services then needs no superuser",
    )
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async ({ data, json }: { data: string; json?: boolean }) => {
      const made = await provisionAll(readConfig({ data }));
      if (json) return printJson({ databases: made });
      print(...made.map(({ service, database }) => `${service} has ${database}.`));
    });

async function provisionAll({ databaseUrl, databaseUrls }: ReturnType<typeof readConfig>) {
  if (!databaseUrl)
    throw new OperatorError("DATABASE_URL is missing: set it to that of a user who may create databases and roles.");
  const services = findServices().filter(hasDatabase);
  const missing = services.filter((service) => !databaseUrls[service]);
  if (missing.length > 0) {
    const names = missing.map((service) => `${service.toUpperCase()}_DATABASE_URL`).join(", ");
    throw new OperatorError(`${names} ${missing.length > 1 ? "are" : "is"} missing: each says which role and database to make.`);
  }
  for (const service of services) {
    const { host, username, password, pathname } = new URL(databaseUrls[service]!);
    const name = `${service.toUpperCase()}_DATABASE_URL`;
    if (host !== new URL(databaseUrl).host) throw new OperatorError(`${name} is on another server than DATABASE_URL.`);
    if (!username || !password || pathname.length < 2) throw new OperatorError(`${name} lacks a user, a password or a database.`);
  }
  for (const service of services) await provisionAs(databaseUrl, databaseUrls[service]!);
  return services.map((service) => ({ service, database: new URL(databaseUrls[service]!).pathname.slice(1) }));
}
