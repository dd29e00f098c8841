import { appendFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { copiedCheckout } from "../test/support/copied-checkout.ts";
import { openLoad, visit } from "../test/support/load.ts";
import { brickwork, nodesOf, type Shop, startShop } from "../test/support/shop.ts";
import { type Shopper, shopper } from "../test/support/shopper.ts";
import type { NodeView } from "./contract.ts";

let checkout: Awaited<ReturnType<typeof copiedCheckout>>;
let shop: Shop;
let ada: Shopper;
beforeAll(async () => {
  checkout = await copiedCheckout();
  shop = await startShop({ shape: "split", root: checkout.path });
  ada = shopper(shop);
}, 120_000);
afterAll(async () => {
  await shop[Symbol.asyncDispose]();
  await rm(shop.data, { recursive: true, force: true });
  await checkout[Symbol.asyncDispose]();
});

const of = (nodes: readonly NodeView[], service: string) => nodes.filter(({ services }) => services.includes(service));
const idsOf = (nodes: readonly NodeView[]) => nodes.map(({ nodeId }) => nodeId).toSorted();
const others = (nodes: readonly NodeView[], service: string) =>
  idsOf(nodes.filter(({ services }) => !services.includes(service)));

test("only what changed is deployed, without a failed request, and can be rolled back", async () => {
  const before = await nodesOf(shop.data);
  const same = await brickwork("deploy", "pricing", "--data", shop.data);
  expect(same).toMatchObject({ code: 0, stdout: expect.stringMatching(/^pricing is unchanged at [0-9a-f]{10}\.\n$/) });
  await appendFile(join(checkout.path, "services/pricing/model.ts"), "\n// Changed.\n");
  const { id } = await ada.inStock(5);
  const load = openLoad(10, async () => (await ada.fullCart(id)).totals.total.amount);
  const deployed = await brickwork("deploy", "--changed", "--data", shop.data);
  expect(deployed).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^pricing went from [0-9a-f]{10} to [0-9a-f]{10}\.\n$/),
  });
  const after = await nodesOf(shop.data);
  expect(others(after, "pricing")).toEqual(others(before, "pricing"));
  const [old, fresh] = [of(before, "pricing"), of(after, "pricing")];
  expect(fresh).toHaveLength(1);
  expect(fresh[0]!.version).not.toBe(old[0]!.version);
  expect((await brickwork("rollback", "pricing", "--data", shop.data)).code).toBe(0);
  const { answers, errors } = await load.end();
  expect(of(await nodesOf(shop.data), "pricing")[0]!.version).toBe(old[0]!.version);
  expect(errors).toEqual([]);
  expect(new Set(answers).size).toBe(1);
}, 90_000);

test("a release that does not start goes back, and says why", async () => {
  const path = join(checkout.path, "services/shipping/shipping.service.ts");
  await appendFile(path, '\nthrow new Error("planted");\n');
  const before = of(await nodesOf(shop.data), "shipping");
  const refused = await brickwork("deploy", "shipping", "--data", shop.data);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/shipping is still at [0-9a-f]{10}, since with [0-9a-f]{10}: it died/);
  expect(idsOf(of(await nodesOf(shop.data), "shipping"))).toEqual(idsOf(before));
}, 60_000);

test("a release whose calls fail goes back", async () => {
  const path = join(checkout.path, "services/carts/carts.service.ts");
  const before = of(await nodesOf(shop.data), "carts");
  const handler = 'import { service as bind } from "../../lib/service.ts";\nimport * as all from "./contract.ts";\n';
  await writeFile(
    path,
    `${handler}const fail = async () => { throw new Error("planted"); };
const actions = Object.fromEntries(Object.keys(all).map((key) => [key, fail]));
export default bind("carts", all, () => ({ actions }) as never);\n`,
  );
  const load = openLoad(20, () => ada.post("/store/v1/carts"));
  const refused = await brickwork("deploy", "carts", "--data", shop.data);
  await load.end();
  expect(refused.stderr).toMatch(/carts is still at [0-9a-f]{10}, since with [0-9a-f]{10}: \d+ % of its calls fail/);
  expect(refused.code).toBe(1);
  expect(idsOf(of(await nodesOf(shop.data), "carts"))).toEqual(idsOf(before));
  expect((await ada.post("/store/v1/carts")).status).toBe(201);
}, 60_000);

test("the gateway is replaced without a failed request", async () => {
  await appendFile(join(checkout.path, "services/gateway/reply.ts"), "\n// Changed.\n");
  const before = await nodesOf(shop.data);
  const load = openLoad(100, () => visit(shop, "/store/v1/products?limit=1"));
  const deployed = await brickwork("deploy", "gateway", "--data", shop.data);
  const { answers, errors } = await load.end();
  expect(deployed).toMatchObject({ code: 0 });
  expect(idsOf(of(await nodesOf(shop.data), "gateway"))).not.toEqual(idsOf(of(before, "gateway")));
  expect(errors).toEqual([]);
  expect(new Set(answers)).toEqual(new Set([200]));
  expect(answers.length).toBeGreaterThan(200);
}, 60_000);
