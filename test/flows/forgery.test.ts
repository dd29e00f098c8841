import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { findKeeper } from "../../cluster/keeper-client.ts";
import type { Holdings } from "../../cluster/keeper-contract.ts";
import { createSeal } from "../../lib/transporter/seal.ts";
import { eventually } from "../support/eventually.ts";
import { nodesOf, type Shop, startShop } from "../support/shop.ts";
import { type Shopper, shopper } from "../support/shopper.ts";

const PREFIX = "MOL-brickwork";

let shop: Shop;
let ada: Shopper;
let busKey: string;
let redis: Redis;
let ears: Redis;
beforeAll(async () => {
  shop = await startShop({ shape: "split" });
  ada = shopper(shop);
  const keeper = (await findKeeper(shop.data))!;
  const holdings = await keeper.ask<Holdings>("holdings");
  keeper.close();
  ({ busKey } = holdings);
  [redis, ears] = [new Redis(holdings.redisUrl), new Redis(holdings.redisUrl)];
}, 120_000);
afterAll(async () => {
  redis.disconnect();
  ears.disconnect();
  await shop[Symbol.asyncDispose]();
}, 120_000);

const nodeOf = async (service: string): Promise<string> =>
  (await nodesOf(shop.data)).find(({ services }) => services.includes(service))!.nodeId;

/** A request as a node would write it, of somebody who says to be an administrator. */
const request = (sender: string, action: string, params: object): Buffer => {
  const rights = { meta: { caller: { kind: "admin", id: "key" }, edge: null }, headers: {}, level: 1, tracing: null };
  const id = `forged-${action}-${Math.random()}`;
  const packet = { ver: "5", sender, id, action, params, ...rights, parentID: null, requestID: id, caller: null, timeout: 5_000 };
  return Buffer.from(JSON.stringify({ ...packet, stream: false }));
};

/** What the gateway's figures say of one node. */
async function dropped(node: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${shop.url}/metrics`)).text();
  const lines = text.matchAll(/^brickwork_bus_dropped_packets_total\{node="([^"]+)",reason="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...lines].flatMap(([, id, reason, count]) => (id === node ? [[reason!, Number(count)]] : [])));
}

/** The packet that carries a call to a node, as it goes over the wire. A pattern is not counted as a subscriber, and so nobody notices. */
async function overhear(channel: string, action: string, during: () => Promise<unknown>): Promise<Buffer> {
  const { promise: heard, resolve } = Promise.withResolvers<Buffer>();
  ears.on("pmessageBuffer", (_pattern, _channel, packet: Buffer) => {
    if (packet.includes(`"action":"${action}"`)) resolve(packet);
  });
  await ears.psubscribe(channel);
  await during();
  await ears.punsubscribe(channel);
  return heard;
}

test("packets that no node of the shop has sent change nothing in a running shop, and its figures count them", async () => {
  const { id: variantId, sku } = await ada.inStock(9);
  const cart = await ada.fullCart(variantId);
  const { body: order } = await ada.checkout(cart.id);
  await eventually(async () => expect((await ada.ledger(order.id)).map(({ type }) => type)).toEqual(["authorize", "capture"]));
  const [inventory, payments, gateway] = [await nodeOf("inventory"), await nodeOf("payments"), await nodeOf("gateway")];
  const [toInventory, toPayments] = [`${PREFIX}.REQ.${inventory}`, `${PREFIX}.REQ.${payments}`];
  const give = (delta: number) => request(gateway, "inventory.adjust", { sku, delta, reason: "forged" });

  const before = await ada.stock(sku);
  const genuine = await overhear(toInventory, "inventory.adjust", () =>
    ada.adminPost(`/admin/v1/inventory/${encodeURIComponent(sku)}/adjustments`, { delta: 1, reason: "found one" }),
  );
  expect(await ada.stock(sku)).toEqual({ ...before, onHand: before.onHand + 1, available: before.available + 1 });
  const [stock, ledger, none] = [await ada.stock(sku), await ada.ledger(order.id), { unsigned: 0, forged: 0, replayed: 0 }];
  expect([await dropped(inventory), await dropped(payments)]).toEqual([none, none]);

  const stranger = createSeal("the key of somebody else, which is long enough");
  const money = { orderId: order.id, amount: { amount: 1, currency: "EUR" }, payment: { method: "card", token: "tok_ok" } };
  const changed = Buffer.from(genuine);
  changed.write("9", genuine.indexOf('"delta":1') + '"delta":'.length);
  for (let time = 0; time < 5; time++) {
    await redis.publish(toInventory, give(1_000));
    await redis.publish(toInventory, stranger.close(toInventory, [give(1_000)]));
    await redis.publish(toInventory, genuine);
    await redis.publish(toInventory, changed);
    await redis.publish(toPayments, request(gateway, "payments.voidAuthorization", money));
    await redis.publish(toPayments, stranger.close(toPayments, [request(gateway, "payments.authorize", money)]));
    // Genuine, and meant for another node.
    await redis.publish(toPayments, genuine);
    await redis.publish(`${PREFIX}.DISCONNECT`, JSON.stringify({ ver: "5", sender: payments }));
  }

  await eventually(async () => {
    expect(await dropped(inventory)).toEqual({ unsigned: 10, forged: 10, replayed: 5 });
    expect(await dropped(payments)).toEqual({ unsigned: 10, forged: 10, replayed: 0 });
  });
  expect(await ada.stock(sku)).toEqual(stock);
  expect(await ada.ledger(order.id)).toEqual(ledger);
  const next = await ada.fullCart(variantId);
  expect((await ada.checkout(next.id)).status).toBe(201);

  // Only the key was missing: with it, the same request is obeyed.
  const { onHand } = await ada.stock(sku);
  await redis.publish(toInventory, createSeal(busKey).close(toInventory, [give(1_000)]));
  await eventually(async () => expect((await ada.stock(sku)).onHand).toBe(onHand + 1_000));
}, 120_000);
