import { createServer } from "node:net";
import { access, constants, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Command } from "commander";
import postgres from "postgres";
import { type Config, describeConfig, readConfig } from "../lib/config.ts";
import { findBinaries } from "../lib/postgres/program.ts";
import { dataOption, jsonOption, portOption } from "./options.ts";
import { findRunning } from "./run-file.ts";

interface Options {
  readonly data: string;
  readonly port?: number;
  readonly json?: boolean;
}

interface Finding {
  readonly what: string;
  readonly isFine: boolean;
  /** What was found, or what is wrong and how to mend it. */
  readonly says: string;
}

/** `brickwork doctor`: what this machine has and lacks, and every setting. */
export const doctorCommand = () =>
  new Command("doctor")
    .description("check what the shop needs on this machine, say how to mend what is missing, and print every setting")
    .addOption(dataOption())
    .addOption(portOption())
    .addOption(jsonOption())
    .action(doctor);

async function doctor({ json = false, ...given }: Options): Promise<void> {
  const config = readConfig(given);
  const findings = await Promise.all([node(), database(config), dataFolder(config), port(config), keys(config)]);
  const settings = describeConfig();
  if (findings.some(({ isFine }) => !isFine)) process.exitCode = 1;
  if (json) return void process.stdout.write(`${JSON.stringify({ findings, settings }, undefined, 2)}\n`);
  for (const { what, isFine, says } of findings) process.stdout.write(`${isFine ? "ok  " : "BAD "} ${what.padEnd(12)} ${says}\n`);
  process.stdout.write(`\nSettings (environment variables; see docs/configuration.md)\n`);
  for (const { name, value, isSet } of settings) process.stdout.write(`${isSet ? " *" : "  "} ${name.padEnd(22)} ${value}\n`);
}

const fine = (what: string, says: string): Finding => ({ what, isFine: true, says });
const bad = (what: string, says: string): Finding => ({ what, isFine: false, says });

async function node(): Promise<Finding> {
  const major = Number(process.versions.node.split(".")[0]);
  if (major >= 24) return fine("node", process.version);
  return bad(
    "node",
    `${process.version} is too old: run \`npm ci\`, which brings Node 24, and use \`npm start\` or \`npx brickwork\``,
  );
}

async function database({ databaseUrl, data }: Config): Promise<Finding> {
  if (!databaseUrl) {
    const found = await findBinaries(resolve(data)).then(
      () => undefined,
      (error: Error) => error.message,
    );
    return found ? bad("postgresql", found) : fine("postgresql", "embedded, from the data folder");
  }
  const sql = postgres(databaseUrl, { max: 1, connect_timeout: 5, onnotice: () => {} });
  try {
    const [row] = await sql<[{ version: string; mayCreate: boolean }]>`
      select current_setting('server_version') as version, (rolsuper or (rolcreatedb and rolcreaterole)) as "mayCreate"
      from pg_roles where rolname = current_user`;
    if (row.mayCreate) return fine("postgresql", `${row.version} at ${new URL(databaseUrl).host}`);
    return bad("postgresql", "the user of DATABASE_URL may not create databases and roles: grant it CREATEDB and CREATEROLE");
  } catch (error) {
    return bad("postgresql", `DATABASE_URL does not work: ${(error as Error).message}`);
  } finally {
    await sql.end();
  }
}

async function dataFolder({ data }: Config): Promise<Finding> {
  const path = resolve(data);
  const exists = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const where = exists ? path : dirname(path);
  return access(where, constants.W_OK).then(
    () => fine("data folder", exists ? path : `${path}, will be made`),
    () => bad("data folder", `${where} cannot be written: give another folder with --data, or the right to write there`),
  );
}

async function port({ port: wanted, host, data }: Config): Promise<Finding> {
  const running = await findRunning(data).catch(() => undefined);
  if (running) return fine("port", `the shop runs at ${running.url}`);
  return new Promise((done) => {
    const probe = createServer();
    probe.once("error", () => done(bad("port", `${wanted} is taken: stop what uses it or choose another one with --port`)));
    probe.listen(wanted, host, () => probe.close(() => done(fine("port", `${wanted} is free`))));
  });
}

async function keys({ mode, shopSecret, adminKey, busKey }: Config): Promise<Finding> {
  const given = Object.entries({ SHOP_SECRET: shopSecret, ADMIN_KEY: adminKey, BUS_KEY: busKey }).flatMap(([name, value]) =>
    value ? [name] : [],
  );
  const from = given.length > 0 ? `given: ${given.join(", ")}; the others are` : "all are";
  return fine("keys", `${from} kept in the data folder, mode 0600${mode === "production" ? "" : " (development)"}`);
}
