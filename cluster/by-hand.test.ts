import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import postgres from "postgres";
import { eventually } from "../test/support/eventually.ts";
import { type Load, openLoad, visit } from "../test/support/load.ts";
import { brickwork, nodesOf, run, type Shop, startShop } from "../test/support/shop.ts";
import type { Holdings } from "./keeper-contract.ts";
import { findKeeper } from "./keeper-client.ts";

const ROOT = join(import.meta.dirname, "..");
const NODE = `exec '${process.execPath}' bin/brickwork.ts node`;

let shop: Shop;
let holdings: Holdings;
const started: ChildProcess[] = [];
beforeAll(async () => {
  shop = await startShop({ shape: "split", seed: "empty" });
  const keeper = (await findKeeper(shop.data))!;
  holdings = await keeper.ask<Holdings>("holdings");
  keeper.close();
}, 180_000);
afterAll(async () => {
  for (const child of started) child.kill("SIGKILL");
  await shop[Symbol.asyncDispose]();
}, 120_000);

interface Ready {
  readonly nodeId: string;
  readonly url?: string;
  readonly child: ChildProcess;
}

/** Runs a script that becomes a node, in an environment with nothing but this, as on another machine. */
async function startByHand(script: string, env: Record<string, string> = {}): Promise<Ready> {
  const child = spawn("sh", ["-c", script], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  started.push(child);
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return { ...(JSON.parse(line) as { nodeId: string }), child };
}

/** How many calls of a service each node has answered, as the gateway's figures say. */
async function answered(service: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${shop.url}/metrics`)).text();
  const lines = text.matchAll(/^brickwork_call_seconds_count\{node="([^"]+)",service="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...lines].flatMap(([, node, of, count]) => (of === service ? [[node!, Number(count)]] : [])));
}

/** Both nodes of a service get calls; one goes when it is told to; nobody notices. */
async function shareOf(service: string, { nodeId, child }: Ready, load: Load<number>): Promise<void> {
  const nodes = (await nodesOf(shop.data)).filter(({ services }) => services.includes(service)).map((node) => node.nodeId);
  expect(nodes).toContain(nodeId);
  expect(nodes).toHaveLength(2);
  const before = await answered(service);
  await eventually(async () => {
    const now = await answered(service);
    for (const node of nodes) expect(now[node]! - (before[node] ?? 0)).toBeGreaterThan(50);
  });
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
  const { answers, errors } = await load.end();
  expect(errors).toEqual([]);
  expect(new Set(answers)).toEqual(new Set([200]));
  expect((await nodesOf(shop.data)).map((node) => node.nodeId)).not.toContain(nodeId);
}

test("three variables make a node of catalog: it takes its share of the calls at once, and drains on SIGTERM", async () => {
  const { redisUrl, databaseUrl, busKey } = holdings;
  const load = openLoad(40, () => visit(shop, "/store/v1/products?limit=1"));
  const node = await startByHand(`${NODE} catalog --json`, { REDIS_URL: redisUrl, DATABASE_URL: databaseUrl, BUS_KEY: busKey });
  await shareOf("catalog", node, load);
}, 180_000);

test("what `brickwork env` prints is all that a node of orders needs, without the database's superuser", async () => {
  const { stdout, stderr, code } = await brickwork("env", "orders", "--data", shop.data);
  expect(code).toBe(0);
  expect(stderr).toMatch(/^brickwork: Another machine cannot use REDIS_URL and ORDERS_DATABASE_URL, which name this one: .*\n$/);
  const load = openLoad(40, () => visit(shop, "/admin/v1/orders?limit=1"));
  await shareOf("orders", await startByHand(`${stdout}${NODE} orders --json`), load);
}, 180_000);

test("a gateway that is started by hand serves the same shop at its own address", async () => {
  const { stdout } = await brickwork("env", "gateway", "--data", shop.data);
  const { url, child } = await startByHand(`${stdout}export PORT=0; ${NODE} gateway --json`);
  expect(url).not.toBe(shop.url);
  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  expect(await visit({ url: url!, adminKey: shop.adminKey }, "/admin/v1/orders")).toBe(200);
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
}, 180_000);

test("every service is given its own secrets and its own database, and nobody else's", async () => {
  const given = async (...services: string[]) =>
    JSON.parse((await brickwork("env", ...services, "--json", "--data", shop.data)).stdout) as Record<string, string>;
  const catalog = await given("catalog");
  expect(Object.keys(catalog).toSorted()).toEqual([
    "BUS_KEY",
    "CATALOG_DATABASE_URL",
    "LOG_LEVEL",
    "NODE_ENV",
    "REDIS_URL",
    "SEED",
  ]);
  expect(Object.keys(await given("gateway"))).toEqual(expect.arrayContaining(["ADMIN_KEY", "SHOP_SERVICES"]));
  const both = await given("orders", "payments");
  expect(
    Object.keys(both)
      .filter((name) => /SECRET|DATABASE|ADMIN/.test(name))
      .toSorted(),
  ).toEqual(["ORDERS_DATABASE_URL", "PAYMENTS_DATABASE_URL", "SHOP_SECRET"]);
  const sql = postgres(catalog.CATALOG_DATABASE_URL!, { max: 1 });
  const [role] =
    await sql`select rolsuper or rolcreatedb or rolcreaterole as "isMighty" from pg_roles where rolname = current_user`;
  expect(role).toEqual({ isMighty: false });
  await sql.end();
  expect(await brickwork("env", "nonsense", "--data", shop.data)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^brickwork: There is no service "nonsense"\. .*\n$/),
  });
}, 180_000);

test.each([
  ["orders", "SHOP_SECRET"],
  ["gateway", "ADMIN_KEY"],
])("a node of %s without %s says where to get it", async (service, lacking) => {
  const { redisUrl, databaseUrl, busKey } = holdings;
  const env = { PATH: process.env.PATH, REDIS_URL: redisUrl, DATABASE_URL: databaseUrl, BUS_KEY: busKey };
  expect(await run(["node", service], { env })).toEqual({
    code: 1,
    stdout: "",
    stderr: `brickwork: A node of ${service} needs ${lacking}: \`npx brickwork env ${service}\` prints what to set, where the shop runs.\n`,
  });
});
