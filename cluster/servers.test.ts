import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import postgres from "postgres";
import { dropNamespace, scratchNamespace, serverUrl } from "../test/support/database.ts";
import { eventually } from "../test/support/eventually.ts";
import { startRedis } from "../test/support/redis.ts";
import { brickwork, nodesOf, run, startShop } from "../test/support/shop.ts";
import { shopper } from "../test/support/shopper.ts";

test("a folder whose shop runs under another name is not taken over", async () => {
  await using shop = await startShop({ shape: "split", seed: "empty" });
  process.kill(shop.process.pid!, "SIGKILL");
  await once(shop.process, "exit");
  const env = { ...process.env, DATABASE_URL: "", REDIS_URL: "", BRICKWORK_NAMESPACE: "another" };
  expect(await run(["up", "--data", shop.data], { env })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^brickwork: The shop on .* runs as brickwork: set BRICKWORK_NAMESPACE to that, .*\n$/),
  });
  expect(await brickwork("stop", "--data", shop.data)).toMatchObject({ code: 0 });
}, 300_000);

test("a shop on a Redis and a PostgreSQL of others sells, is seen and stops, and leaves their servers as they are", async () => {
  const namespace = scratchNamespace();
  const data = await mkdtemp(join(tmpdir(), "brickwork-servers-"));
  await using redis = await startRedis();
  const environment = { REDIS_URL: redis.url, DATABASE_URL: serverUrl(), BRICKWORK_NAMESPACE: namespace };
  const shop = await startShop({ shape: "split", data, environment });
  const ada = shopper(shop);
  const { id } = await ada.inStock(5);
  const cart = await ada.fullCart(id);
  const { status, body: order } = await ada.checkout(cart.id);
  expect([status, order.status]).toEqual([201, "confirmed"]);
  await eventually(async () => expect((await ada.ledger(order.id)).map(({ type }) => type)).toEqual(["authorize", "capture"]));

  const nodes = await nodesOf(data);
  expect(nodes.map(({ ready }) => ready)).toEqual(nodes.map(() => true));
  expect(nodes.length).toBeGreaterThanOrEqual(10);
  expect(await databasesOf(namespace)).toEqual(expect.arrayContaining([`${namespace}_catalog`, `${namespace}_orders`]));
  expect(await readdir(data)).not.toContain("postgres");
  const { stdout, stderr } = await brickwork("env", "catalog", "--data", data);
  expect(stdout).toContain(`export BRICKWORK_NAMESPACE='${namespace}'\n`);
  expect(stdout).toContain(`export REDIS_URL='${redis.url}'\n`);
  expect(stderr).toContain("Another machine cannot use REDIS_URL");

  // It knows the bus, its key and its namespace from the folder.
  const repl = await run(["repl", "--data", data], { env: { PATH: process.env.PATH, REDIS_URL: redis.url }, input: "nodes\n" });
  expect(repl.stdout).toMatch(/catalog-[0-9a-f]{8}/);

  // The next start finds the order where it was.
  expect(await brickwork("stop", "--data", data)).toMatchObject({ code: 0, stdout: "Everything has stopped.\n" });
  const again = await shop.again();
  expect((await shopper(again).order(order.id, order.token)).body).toMatchObject({ id: order.id, status: "confirmed" });
  await again.stop();
  expect(await redis.ask("PING")).toBe("PONG");
  expect(await databasesOf(namespace)).not.toEqual([]);
  await dropNamespace(namespace);
  await rm(data, { recursive: true });
}, 300_000);

async function databasesOf(namespace: string): Promise<string[]> {
  const sql = postgres(serverUrl(), { max: 1 });
  const names = await sql<{ datname: string }[]>`select datname from pg_database where starts_with(datname, ${`${namespace}_`})`;
  await sql.end();
  return names.map(({ datname }) => datname);
}
