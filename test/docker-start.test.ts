import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseEnv, promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import postgres from "postgres";
import { z } from "zod";
import { findServices } from "../lib/node.ts";
import { dropNamespace, scratchNamespace, serverUrl } from "./support/database.ts";
import { eventually } from "./support/eventually.ts";
import { startRedis, type TestRedis } from "./support/redis.ts";

const ROOT = join(import.meta.dirname, "..");
const run = promisify(execFile);
const { load } = createRequire(import.meta.url)("js-yaml") as { load: (yaml: string) => unknown };

const Block = z.object({ environment: z.record(z.string(), z.string()).default({}), command: z.array(z.string()).optional() });
const Compose = z.object({ services: z.record(z.string(), Block) });

const namespace = scratchNamespace();
let redis: TestRedis;
let blocks: z.output<typeof Compose>["services"];
const started: ChildProcess[] = [];

/** What Compose makes of compose.yaml and the .env that make-env.sh writes, on servers of this machine and under names of this test. */
beforeAll(async () => {
  redis = await startRedis();
  const env = parseEnv((await run("sh", [join(ROOT, "docker/make-env.sh")])).stdout);
  const whole = JSON.stringify(load(await readFile(join(ROOT, "docker/compose.yaml"), "utf8")));
  const given = whole.replaceAll(/\$\{([A-Z_]+):[?-]([^}]*)\}/g, (_, name: string, standard: string) => env[name] || standard);
  const { host, username, password } = new URL(serverUrl());
  const here = given
    .replaceAll("//brickwork_", `//${namespace}_`)
    .replaceAll("/brickwork_", `/${namespace}_`)
    .replaceAll(`//brickwork:${env.POSTGRES_PASSWORD}`, `//${username}:${password}`)
    .replaceAll("postgres:5432", host)
    .replaceAll(/redis:\/\/[^"]+/g, redis.url);
  blocks = Compose.parse(JSON.parse(here)).services;
});
afterAll(async () => {
  for (const child of started) child.kill("SIGKILL");
  await redis[Symbol.asyncDispose]();
  await dropNamespace(namespace);
}, 120_000);

const environmentOf = (block: string): NodeJS.ProcessEnv => ({ PATH: process.env.PATH ?? "", ...blocks[block]!.environment });

async function provision(): Promise<string> {
  const [program, ...args] = blocks.provision!.command!;
  expect(program).toBe("node");
  return (await run(process.execPath, args, { cwd: ROOT, env: environmentOf("provision") })).stdout;
}

const tries = async (url: string): Promise<string> => {
  const sql = postgres(url, { max: 1, connect_timeout: 5 });
  const outcome = await sql`select current_user as role`.then(
    ([row]) => String(row!.role),
    (error: { code?: string }) => String(error.code),
  );
  await sql.end();
  return outcome;
};

test("provision makes a database for each service, whose URL opens that one and no other, and may be run again", async () => {
  const said = findServices()
    .filter((service) => existsSync(join(ROOT, "services", service, "migrations")))
    .map((service) => `${service} has ${namespace}_${service}.\n`)
    .join("");
  expect(await provision()).toBe(said);
  expect(await provision()).toBe(said);
  const own = blocks.orders!.environment.ORDERS_DATABASE_URL!;
  expect(await tries(own)).toBe(`${namespace}_orders`);
  expect(await tries(own.replace(/\w+$/, `${namespace}_payments`))).toBe("42501");
});

test("a node starts with what its block gives it, is healthy, and ends in order", async () => {
  const dockerfile = await readFile(join(ROOT, "docker/Dockerfile"), "utf8");
  const [, start = ""] = /^CMD (.*)$/m.exec(dockerfile) ?? [];
  const env = { ...environmentOf("inventory"), SERVICE: "inventory", BRICKWORK_NAMESPACE: namespace };
  const [shell = "", ...args] = (JSON.parse(start) as string[]).map((word) =>
    word.replace("exec node", `exec '${process.execPath}'`),
  );
  const node = spawn(shell, args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "inherit"] });
  started.push(node);
  const check = () => run(process.execPath, ["docker/healthcheck.mjs"], { cwd: ROOT, env });
  await eventually(check, 60_000);
  const ended = once(node, "exit");
  node.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
  await expect(check()).rejects.toMatchObject({ stderr: "inventory does not listen on the bus\n" });
}, 120_000);

test("provision says in one line what is missing", async () => {
  const { DATABASE_URL, ...rest } = environmentOf("provision");
  const attempt = (env: NodeJS.ProcessEnv) => run(process.execPath, ["bin/brickwork.ts", "provision"], { cwd: ROOT, env });
  await expect(attempt(rest)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^brickwork: DATABASE_URL is missing: .*\n$/),
  });
  await expect(attempt({ PATH: rest.PATH, DATABASE_URL })).rejects.toMatchObject({
    stderr: expect.stringMatching(/^brickwork: CARTS_DATABASE_URL, CATALOG_DATABASE_URL, .* are missing: .*\n$/),
  });
  await expect(attempt({ ...rest, DATABASE_URL: "postgres://a:b@elsewhere/postgres" })).rejects.toMatchObject({
    stderr: "brickwork: CARTS_DATABASE_URL is on another server than DATABASE_URL.\n",
  });
});
