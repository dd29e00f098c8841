import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { kernelContract } from "../../lib/kernel-contract.ts";
import { money } from "../../lib/money.ts";
import { announcer } from "../../test/support/announcer.ts";
import { aConfirmedOrder } from "../../test/support/confirming-orders.ts";
import { eventually } from "../../test/support/eventually.ts";
import { startNodes, type TestNodes } from "../../test/support/nodes.ts";
import * as carts from "../carts/contract.ts";
import * as inventory from "../inventory/contract.ts";
import * as orders from "../orders/contract.ts";
import * as insights from "./contract.ts";

const { confirmed, cancelled, refunded } = orders;
const shop = announcer("orders", { confirmed, cancelled, refunded });
const trolleys = announcer("carts", { started: carts.started, completed: carts.completed });
const shelves = announcer("inventory", { ranLow: inventory.ranLow, filledUp: inventory.filledUp });
const {
  lines: [mug, poster],
} = aConfirmedOrder();

let nodes: TestNodes;
beforeAll(async () => {
  nodes = await startNodes({ services: ["insights"], schemas: [shop.schema, trolleys.schema, shelves.schema] });
  await theDays();
});
afterAll(async () => nodes[Symbol.asyncDispose]());

const caller = { kind: "admin", id: "key", scopes: ["*"] } as const;
const ask: typeof nodes.request = (action, input) => nodes.request(action, input, { caller });
const eur = (amount: number) => money(amount, "EUR");
const about = ({ orderId, number }: { orderId: string; number: string }) => ({ orderId, number, email: "ada@example.org" });

/** Two days of a shop: on the first a cancelled order and one of which a mug was refunded on the second, on the second one more. */
async function theDays() {
  const [kept, lost, later] = ["2026-03-01T23:59:59.999Z", "2026-03-01T00:00:00.000Z", "2026-03-02T00:00:00.000Z"].map(
    (confirmedAt) => aConfirmedOrder({ confirmedAt }),
  ) as [ReturnType<typeof aConfirmedOrder>, ReturnType<typeof aConfirmedOrder>, ReturnType<typeof aConfirmedOrder>];
  const small = { ...later, lines: [poster!], totals: { ...later.totals, total: eur(800) } };
  for (const order of [kept, lost, small]) await shop.announce(confirmed, order);
  await shop.announce(cancelled, {
    ...about(lost),
    cartId: lost.cartId,
    reason: "out of clay",
    confirmed: { email: lost.email, lines: [], total: lost.totals.total, refunded: null, confirmedAt: lost.confirmedAt },
  });
  await shop.announce(cancelled, { orderId: newId("ord"), number: "NEVER", cartId: newId("cart"), reason: "x", confirmed: null });
  await shop.announce(refunded, {
    ...about(kept),
    refundId: newId("rfd"),
    amount: eur(1_200),
    lines: [{ sku: mug!.sku, quantity: 1, title: "", variantTitle: "" }],
    reason: "broken",
    isFull: false,
    refundedAt: "2026-03-02T10:00:00.000Z",
  });
  const [bought, left] = [newId("cart"), newId("cart")];
  for (const cartId of [bought, left]) await trolleys.announce(carts.started, { cartId });
  await trolleys.announce(carts.completed, { cartId: bought, orderId: newId("ord") });
  const shelf = { variantId: mug!.variantId, available: 3, threshold: 5 };
  for (const sku of [mug!.sku, "FULL"]) await shelves.announce(inventory.ranLow, { ...shelf, sku });
  await shelves.announce(inventory.filledUp, { sku: "FULL", available: 9 });
  await followed();
}

const followed = () =>
  eventually(async () => {
    const { cursors } = await nodes.call(kernelContract("insights").cursors, {});
    expect(cursors.map(({ lag, retrying, parked }) => [lag, retrying, parked])).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

const march = { from: "2026-03-01", until: "2026-03-02" };

test("orders and revenue count on the day of the confirmation, refunds on their own", async () => {
  const { data, total } = await ask(insights.findSales, march);
  expect(data).toEqual([
    {
      day: "2026-03-01",
      orders: 1,
      cancelled: 1,
      revenue: eur(4_200),
      refunded: eur(0),
      net: eur(4_200),
      averageOrder: eur(4_200),
    },
    {
      day: "2026-03-02",
      orders: 1,
      cancelled: 0,
      revenue: eur(800),
      refunded: eur(1_200),
      net: eur(-400),
      averageOrder: eur(800),
    },
  ]);
  expect(total).toMatchObject({
    orders: 2,
    revenue: eur(5_000),
    refunded: eur(1_200),
    net: eur(3_800),
    averageOrder: eur(2_500),
  });
  expect((await ask(insights.findSales, { ...march, until: "2026-03-01" })).data).toHaveLength(1);
});

test("best sellers are what was kept", async () => {
  const { data } = await ask(insights.findBestSellers, march);
  expect(data.map(({ sku, units, revenue }) => [sku, units, revenue.amount])).toEqual([
    [poster!.sku, 2, 1_600],
    [mug!.sku, 1, 1_200],
  ]);
  expect((await ask(insights.findBestSellers, { ...march, limit: 1 })).data).toHaveLength(1);
});

test("carts that were filled, and those of them that were bought", async () => {
  const { total } = await ask(insights.findConversion, {});
  expect(total).toEqual({ started: 2, completed: 1, rate: 0.5 });
});

test("what runs low is listed until it is filled up", async () => {
  expect((await ask(insights.findLowStock, {})).data).toMatchObject([
    { sku: mug!.sku, available: 3, threshold: 5, soldInAWeek: 0 },
  ]);
});

test("a rebuild gives the same figures", async () => {
  const figures = async () =>
    Promise.all([
      ask(insights.findSales, march),
      ask(insights.findBestSellers, march),
      ask(insights.findConversion, {}),
      ask(insights.findLowStock, {}),
    ]);
  const before = await figures();
  expect(await nodes.call(kernelContract("insights").rebuild, {})).toEqual({ outcome: "rebuilding" });
  await eventually(async () => {
    await followed();
    expect(await figures()).toEqual(before);
  });
});

test("a time that cannot be is refused", async () => {
  await expect(ask(insights.findSales, { from: "2026-03-02", until: "2026-03-01" })).rejects.toMatchObject({ type: "malformed" });
  await expect(ask(insights.findSales, { from: "March" })).rejects.toMatchObject({ code: 422 });
});
