/** @alone */
import { rm } from "node:fs/promises";
import { Agent, get } from "node:http";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { copiedCheckout } from "../test/support/copied-checkout.ts";
import { eventually } from "../test/support/eventually.ts";
import { openLoad, visit } from "../test/support/load.ts";
import { brickwork, nodesOf, type Shop, startShop } from "../test/support/shop.ts";
import { type Shopper, shopper } from "../test/support/shopper.ts";
import type { NodeView } from "./contract.ts";
import { change, harmless, idsOf, of, readyNodes } from "./rollout.support.ts";

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

const others = (nodes: readonly NodeView[], service: string) =>
  idsOf(nodes.filter(({ services }) => !services.includes(service)));

test("one changed line in shipping: --changed replaces shipping and nothing else, without a failed request, and it can be rolled back", async () => {
  const before = await nodesOf(shop.data);
  const same = await brickwork("deploy", "shipping", "--data", shop.data);
  expect(same).toMatchObject({ code: 0, stdout: expect.stringMatching(/^shipping is unchanged at [0-9a-f]{10}\.\n$/) });
  await using _ = await change(checkout.path, "services/shipping/store.ts", harmless);
  const { id } = await ada.inStock(5);
  const load = openLoad(10, async () => (await ada.fullCart(id)).totals.total.amount);
  const deployed = await brickwork("deploy", "--changed", "--data", shop.data);
  expect(deployed).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^shipping went from [0-9a-f]{10} to [0-9a-f]{10}\.\n$/),
  });
  const after = await nodesOf(shop.data);
  expect(others(after, "shipping")).toEqual(others(before, "shipping"));
  const [old, fresh] = [of(before, "shipping"), of(after, "shipping")];
  expect(fresh).toHaveLength(1);
  expect(fresh[0]!.version).not.toBe(old[0]!.version);
  expect((await brickwork("rollback", "shipping", "--data", shop.data)).code).toBe(0);
  const { answers, errors } = await load.end();
  expect(of(await nodesOf(shop.data), "shipping")[0]!.version).toBe(old[0]!.version);
  expect(errors).toEqual([]);
  expect(new Set(answers).size).toBe(1);
}, 90_000);

test("a release that does not start goes back, and says why", async () => {
  await using _ = await change(
    checkout.path,
    "services/pricing/pricing.service.ts",
    (text) => `${text}throw new Error("planted");\n`,
  );
  const before = of(await nodesOf(shop.data), "pricing");
  const refused = await brickwork("deploy", "pricing", "--data", shop.data);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/pricing is still at [0-9a-f]{10}, since with [0-9a-f]{10}: it died/);
  expect(idsOf(of(await nodesOf(shop.data), "pricing"))).toEqual(idsOf(before));
}, 60_000);

test("a release that gets ready and then fails one action, rarely called among many others, goes back by itself", async () => {
  const before = of(await nodesOf(shop.data), "carts");
  await using _ = await change(checkout.path, "services/carts/carts.service.ts", (text) =>
    text.replace("createCart: createCart(r)", 'createCart: async () => { throw new Error("planted"); }'),
  );
  const { body: cart } = await ada.post<{ id: string }>("/store/v1/carts");
  const reads = openLoad(50, () => visit(shop, `/store/v1/carts/${cart.id}`));
  const writes = openLoad(4, () => ada.post("/store/v1/carts"));
  const refused = await brickwork("deploy", "carts", "--watch", "60", "--data", shop.data);
  const [{ answers, errors }] = await Promise.all([reads.end(), writes.end()]);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /carts is still at [0-9a-f]{10}, since with [0-9a-f]{10}: 100 % of its carts\.createCart fail, of the old release's 0 %/,
  );
  expect(idsOf(of(await nodesOf(shop.data), "carts"))).toEqual(idsOf(before));
  expect(errors).toEqual([]);
  expect(new Set(answers)).toEqual(new Set([200]));
  expect((await ada.post("/store/v1/carts")).status).toBe(201);
}, 120_000);

test("a release that gets ready and then keeps its callers waiting goes back by itself", async () => {
  await using _ = await change(checkout.path, "services/carts/carts.service.ts", (text) =>
    text.replace("createCart: createCart(r)", "createCart: () => new Promise(() => {})"),
  );
  const load = openLoad(10, () => ada.post("/store/v1/carts"));
  // Less than the five seconds after which its calls would fail.
  const refused = await brickwork("deploy", "carts", "--watch", "4", "--data", shop.data);
  await load.end();
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/carts is still at .*: \d+ % of its carts\.createCart fail, of the old release's 0 %/);
}, 90_000);

test("who hears late that a node goes may still call it: a frozen gateway loses nothing", async () => {
  await using _ = await change(checkout.path, "services/carts/store.ts", harmless);
  const [gateway] = of(await nodesOf(shop.data), "gateway");
  const heard = shop.said().length;
  // Opening a cart is never sent again by the platform: a call that is refused fails.
  const load = openLoad(40, async () => (await ada.post("/store/v1/carts")).status);
  const deploying = brickwork("deploy", "carts", "--watch", "2", "--data", shop.data);
  await readyNodes(shop.data, "carts", 2);
  process.kill(gateway!.pid!, "SIGSTOP");
  await eventually(() => expect(shop.said().slice(heard)).toMatch(/carts-\w+ drains/), 40_000);
  // Longer than Moleculer waits for those who are busy.
  setTimeout(() => process.kill(gateway!.pid!, "SIGCONT"), 1_500);
  expect(await deploying).toMatchObject({ code: 0 });
  const { answers, errors } = await load.end();
  expect(errors).toEqual([]);
  expect(new Set(answers)).toEqual(new Set([201]));
}, 90_000);

/** A request over a connection that is kept, as a proxy would send it. Answers the status. */
const keeping = (agent: Agent, path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    get(`${shop.url}${path}`, { agent }, (res) => res.resume().once("end", () => resolve(res.statusCode!))).once("error", reject);
  });

test("the gateway is replaced without a failed request, whether connections are kept or not", async () => {
  await using _ = await change(checkout.path, "services/gateway/reply.ts", harmless);
  const agent = new Agent({ keepAlive: true });
  const before = await nodesOf(shop.data);
  const loads = [
    openLoad(50, () => visit(shop, "/store/v1/products?limit=1")),
    openLoad(50, () => keeping(agent, "/store/v1/products?limit=1")),
  ];
  const deployed = await brickwork("deploy", "gateway", "--data", shop.data);
  const ended = await Promise.all(loads.map((load) => load.end()));
  agent.destroy();
  expect(deployed).toMatchObject({ code: 0 });
  expect(idsOf(of(await nodesOf(shop.data), "gateway"))).not.toEqual(idsOf(of(before, "gateway")));
  for (const { answers, errors } of ended) {
    expect(errors).toEqual([]);
    expect(new Set(answers)).toEqual(new Set([200]));
    expect(answers.length).toBeGreaterThan(100);
  }
}, 60_000);

test("a new gateway gets its share of kept connections, and goes back by itself when it fails them", async () => {
  await using _ = await change(checkout.path, "services/gateway/serve.ts", (text) =>
    text.replace("const { req, res } = exchange;", 'throw new Error("planted");'),
  );
  // Each chooses its gateway when it is opened, so a single one might stay with the old release.
  const agents = Array.from({ length: 12 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  let sent = 0;
  const before = of(await nodesOf(shop.data), "gateway");
  const load = openLoad(50, () => keeping(agents[sent++ % agents.length]!, "/store/v1/products?limit=1"));
  const refused = await brickwork("deploy", "gateway", "--watch", "60", "--data", shop.data);
  const { answers, errors } = await load.end();
  for (const agent of agents) agent.destroy();
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/gateway is still at .*: 100 % of its GET \/store\/v1\/products fail, of the old release's 0 %/);
  expect(errors).toEqual([]);
  expect(new Set(answers)).toEqual(new Set([200, 500]));
  expect(idsOf(of(await nodesOf(shop.data), "gateway"))).toEqual(idsOf(before));
  expect(await visit(shop, "/store/v1/products?limit=1")).toBe(200);
}, 120_000);
