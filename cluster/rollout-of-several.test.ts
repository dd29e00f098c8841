import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { copiedCheckout } from "../test/support/copied-checkout.ts";
import { eventually } from "../test/support/eventually.ts";
import { openLoad, visit } from "../test/support/load.ts";
import { brickwork, nodesOf, type Shop, startShop } from "../test/support/shop.ts";
import { type Shopper, shopper } from "../test/support/shopper.ts";
import { change, harmless, idsOf, of, versionsOf, watchNodes } from "./rollout.support.ts";

// What matters here is the order of things, not for how long a release is watched.
const environment = { ROLLOUT_WATCH_MS: "500", DRAIN_MS: "3000" };
const FILE = "services/inventory/inventory.service.ts";

let checkout: Awaited<ReturnType<typeof copiedCheckout>>;
let shop: Shop;
let ada: Shopper;
beforeAll(async () => {
  checkout = await copiedCheckout();
  shop = await startShop({ shape: "split", root: checkout.path, environment, args: ["--scale", "inventory=3"] });
  ada = shopper(shop);
}, 120_000);
afterAll(async () => {
  await shop[Symbol.asyncDispose]();
  await rm(shop.data, { recursive: true, force: true });
  await checkout[Symbol.asyncDispose]();
});

const inventory = async () => of(await nodesOf(shop.data), "inventory");

/** Reads and purchases, both of which need inventory. */
async function startLoad() {
  const { id, sku } = await ada.inStock(50);
  const reads = openLoad(40, () => visit(shop, `/admin/v1/inventory?sku=${sku}`));
  const purchases = openLoad(2, async () => (await ada.checkout((await ada.fullCart(id)).id)).status);
  return {
    async end() {
      const [read, bought] = [await reads.end(), await purchases.end()];
      return { errors: [...read.errors, ...bought.errors], statuses: new Set([...read.answers, ...bought.answers]) };
    },
  };
}

const FLAWLESS = { errors: [], statuses: new Set([200, 201]) };

test("three nodes are replaced one by one and back, with never fewer than three that are ready, and no failed request", async () => {
  const before = await inventory();
  await using _ = await change(checkout.path, FILE, harmless);
  const load = await startLoad();
  const watch = watchNodes(shop.data, "inventory");
  const deployed = await brickwork("deploy", "inventory", "--data", shop.data);
  const after = await inventory();
  const rolledBack = await brickwork("rollback", "inventory", "--data", shop.data);
  const counts = await watch.stop();
  expect(await load.end()).toEqual(FLAWLESS);
  expect([deployed.code, rolledBack.code]).toEqual([0, 0]);
  expect(deployed.stderr).toMatch(/starting node 1 of 3.* drains\n.*starting node 2 of 3.* drains\n.*starting node 3 of 3/s);
  expect(counts).toEqual(new Set([3, 4]));
  expect(after).toHaveLength(3);
  expect(new Set(versionsOf(after)).size).toBe(1);
  expect(versionsOf(after)[0]).not.toBe(before[0]!.version);
  expect(versionsOf(await inventory())).toEqual(versionsOf(before));
}, 240_000);

test("a rollout that fails halfway goes back for all nodes, without a failed request", async () => {
  const before = await inventory();
  // The first node of this release starts, and no other one.
  const mark = JSON.stringify(join(shop.data, "has-started"));
  await using _ = await change(
    checkout.path,
    FILE,
    (text) => `import { mkdirSync } from "node:fs";\n${text}mkdirSync(${mark});\n`,
  );
  const load = await startLoad();
  const watch = watchNodes(shop.data, "inventory");
  const refused = await brickwork("deploy", "inventory", "--data", shop.data);
  const counts = await watch.stop();
  expect(await load.end()).toEqual(FLAWLESS);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/starting node 2 of 3/);
  expect(refused.stderr).toMatch(/inventory is still at [0-9a-f]{10}, since with [0-9a-f]{10}: it died: .*EEXIST/);
  expect(Math.min(...counts)).toBe(3);
  const after = await inventory();
  expect(versionsOf(after)).toEqual(versionsOf(before));
  expect(idsOf(after)).not.toEqual(idsOf(before));
}, 240_000);

test("a drained node that does not stop is killed when its time is over, and the rollout goes on", async () => {
  const endless = (text: string) =>
    `${text.replace("export default service(", "const whole = service(")}\nexport default { ...whole, stopped: () => new Promise(() => {}) };\n`;
  {
    await using _ = await change(checkout.path, FILE, endless);
    expect((await brickwork("deploy", "inventory", "--data", shop.data)).code).toBe(0);
  }
  const stubborn = idsOf(await inventory());
  const load = await startLoad();
  const deployed = await brickwork("deploy", "inventory", "--data", shop.data);
  expect(await load.end()).toEqual(FLAWLESS);
  expect(deployed.code).toBe(0);
  for (const nodeId of stubborn) expect(deployed.stderr).toContain(`${nodeId} did not stop in time and was killed`);
  const after = await inventory();
  expect(after).toHaveLength(3);
  expect(idsOf(after).filter((nodeId) => stubborn.includes(nodeId))).toEqual([]);
}, 240_000);

test("when the supervisor dies in the middle of a rollout, the next one brings all nodes back to the release that served", async () => {
  const before = await inventory();
  await using _ = await change(checkout.path, FILE, harmless);
  const load = await startLoad();
  const heard = shop.said().length;
  const program = join(checkout.path, "bin/brickwork.ts");
  const deploying = spawn(process.execPath, [program, "deploy", "inventory", "--data", shop.data], { stdio: "ignore" });
  const given = once(deploying, "exit");
  // One is replaced, and the next one is on its way.
  await eventually(() => expect(shop.said().slice(heard)).toMatch(/starting node 2 of 3/), 60_000);
  const ended = once(shop.process, "exit");
  process.kill(shop.process.pid!, "SIGKILL");
  await Promise.all([ended, given]);
  shop = await shop.again();
  expect(await load.end()).toEqual(FLAWLESS);
  const after = await inventory();
  expect(versionsOf(after)).toEqual(versionsOf(before));
  expect(after.every(({ ready }) => ready)).toBe(true);
}, 240_000);
