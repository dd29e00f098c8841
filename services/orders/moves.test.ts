import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { eventually } from "../../test/support/eventually.ts";
import { newId } from "../../lib/ids.ts";
import { kernelContract } from "../../lib/kernel-contract.ts";
import * as pricing from "../pricing/contract.ts";
import * as orders from "./contract.ts";
import { codeOf, refusalOf, type Shop, startOrders } from "./orders.support.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startOrders();
}, 60_000);
afterAll(async () => shop[Symbol.asyncDispose]());

const whatOf = ({ timeline }: { timeline: { what: string }[] }) => timeline.map(({ what }) => what);
const namesOf = async (id: string) => (await shop.told(id)).map(({ type }) => type);
const bricks = (quantity: number) => ({ lines: [{ sku: "BRICK", quantity }] });

test("an order is sent in two parts, arrives, comes back and is paid back", async () => {
  const { id, totals, lines } = await shop.bought(3);
  const total = totals!.total.amount;
  const before = await shop.stock();

  const first = await shop.ship(id, {
    lines: [{ variantId: lines[0]!.variantId, quantity: 1 }],
    carrier: "DHL",
    trackingNumber: "T1",
  });
  expect(first).toMatchObject({
    status: 200,
    body: {
      status: "confirmed",
      fulfilmentStatus: "unfulfilled",
      lines: [{ shipped: 1 }],
      shipments: [{ carrier: "DHL", trackingNumber: "T1", lines: [{ sku: "BRICK", quantity: 1 }], deliveredAt: null }],
    },
  });
  const second = (await shop.ship(id)).body;
  expect(second).toMatchObject({ status: "shipped", fulfilmentStatus: "shipped", lines: [{ shipped: 3 }] });
  expect(second.shipments[1]).toMatchObject({ lines: [{ quantity: 2 }], carrier: null });

  const one = (await shop.deliver(id, { shipmentId: second.shipments[0]!.id })).body;
  expect(one).toMatchObject({ status: "shipped", shipments: [{ deliveredAt: expect.any(String) }, { deliveredAt: null }] });
  expect((await shop.deliver(id)).body).toMatchObject({ status: "delivered", fulfilmentStatus: "delivered" });

  expect((await shop.takeBack(id, { ...bricks(1), reason: "too red" })).body).toMatchObject({ lines: [{ returned: 1 }] });
  expect(await shop.stock()).toEqual({ ...before, BRICK: before.BRICK! + 1 });
  expect((await shop.takeBack(id, { reason: "broken", restock: false })).body).toMatchObject({ fulfilmentStatus: "returned" });
  expect(await shop.stock()).toEqual({ ...before, BRICK: before.BRICK! + 1 });

  const partly = (await shop.refund(id, { ...bricks(1), reason: "too red" })).body;
  expect(partly).toMatchObject({ paymentStatus: "partially_refunded", lines: [{ refunded: 1 }] });
  const last = (await shop.refund(id, { reason: "broken" })).body;
  expect(last.paymentStatus).toBe("refunded");
  expect(last.refunds.map(({ amount }) => amount.amount).reduce((a, b) => a + b)).toBe(total);
  expect(last.refunds[0]).toMatchObject({ lines: [{ sku: "BRICK", quantity: 1 }], reason: "too red" });
  expect(await shop.ledger(id)).toEqual([
    `authorize ${total}`,
    `capture ${total}`,
    ...last.refunds.map(({ amount }) => `refund ${amount.amount}`),
  ]);

  expect(await namesOf(id)).toEqual([
    "orders.confirmed",
    "orders.shipped",
    "orders.shipped",
    "orders.delivered",
    "orders.delivered",
    "orders.returned",
    "orders.returned",
    "orders.refunded",
    "orders.refunded",
  ]);
  const told = (await shop.told(id)).map(({ payload }) => payload);
  expect(told.slice(1, 5).map(({ isComplete }) => isComplete)).toEqual([false, true, false, true]);
  expect(told.slice(7).map(({ isFull }) => isFull)).toEqual([false, true]);
  expect(told[1]).toMatchObject({ lines: [{ sku: "BRICK", quantity: 1, title: "Brick", variantTitle: "Red" }] });
}, 60_000);

test("the timeline tells each thing once, though payments tells of it too, and who did it only to the administration", async () => {
  const { id, token } = await shop.buy();
  await eventually(async () => expect(whatOf(await shop.read(id))).toContain("payment captured"));
  await shop.ship(id, {}, { by: "key_grace" });
  await shop.refund(id, { amount: 100, reason: "late" }, { by: "key_grace" });
  await eventually(async () => {
    const { cursors } = await shop.call(kernelContract("orders").cursors, {});
    expect(cursors.every(({ lag }) => lag === 0)).toBe(true);
  });
  const { timeline } = await shop.read(id);
  expect(timeline.map(({ what }) => what).toSorted()).toEqual(
    ["placed", "confirmed", "payment captured", "parcel planned", "shipped", "refunded"].toSorted(),
  );
  expect(timeline.at(-1)).toMatchObject({ what: "refunded", detail: "1.00 EUR: late, by key_grace" });
  expect(JSON.stringify(await shop.request(orders.getOrder, { id, token }, { path: ["id"] }))).not.toContain("key_grace");
}, 60_000);

test("a confirmed order is cancelled: money, stock and coupons go back, and its buyer sees it so", async () => {
  const before = await shop.stock();
  const cart = await shop.cart(2);
  const placed = await shop.checkout(cart.id, { key: "cancelled later" });
  await eventually(async () => expect((await shop.read(placed.id)).paymentStatus).toBe("captured"));
  const { status, body } = await shop.cancel(placed.id, { reason: "out of clay" });
  const total = placed.totals!.total.amount;
  expect(status).toBe(200);
  expect(body).toMatchObject({
    status: "cancelled",
    paymentStatus: "refunded",
    refunds: [{ amount: { amount: total }, reason: "out of clay" }],
  });
  expect(await shop.stock()).toEqual(before);
  expect(await shop.ledger(placed.id)).toEqual([`authorize ${total}`, `capture ${total}`, `refund ${total}`]);
  expect((await shop.told(placed.id)).at(-1)).toMatchObject({
    type: "orders.cancelled",
    payload: {
      reason: "out of clay",
      confirmed: {
        email: "ada@example.com",
        lines: [{ sku: "BRICK", quantity: 2 }],
        total: { amount: total },
        refunded: { amount: total },
      },
    },
  });
  expect(await shop.checkout(cart.id, { key: "cancelled later" })).toMatchObject({ id: placed.id, status: "cancelled" });
  expect(await refusalOf(shop.ship(placed.id))).toMatchObject({
    message: "An order that is cancelled cannot be shipped. It allows: nothing.",
  });
}, 60_000);

test("what the life cycle forbids is refused with what it allows", async () => {
  const { id } = await shop.bought(2);
  expect(await refusalOf(shop.deliver(id))).toMatchObject({ type: "conflict", message: "No shipment is on its way." });
  expect(await refusalOf(shop.capture(id))).toMatchObject({ message: "Nothing is left to be captured." });
  expect(await refusalOf(shop.takeBack(id, { reason: "x" }))).toMatchObject({ message: "Nothing is left to be returned." });
  expect(await refusalOf(shop.ship(id, bricks(3)))).toMatchObject({ message: expect.stringContaining("At most 2 of BRICK") });
  expect(await refusalOf(shop.ship(id, { lines: [{ variantId: newId("var"), quantity: 1 }] }))).toMatchObject({
    type: "conflict",
  });
  await shop.ship(id);
  const refused = await refusalOf(shop.cancel(id));
  expect(refused).toMatchObject({
    type: "conflict",
    message: "An order that is shipped cannot be cancelled. It allows: capture, deliver, return, refund.",
    data: { details: [{ status: "shipped", allowed: ["capture", "deliver", "return", "refund"] }] },
  });
  expect(await codeOf(shop.refund(id, { amount: 1, lines: bricks(1).lines, reason: "x" }))).toBe("invalid");
  expect(await refusalOf(shop.refund(id, { amount: 1_000_000, reason: "x" }))).toMatchObject({
    message: expect.stringContaining("At most"),
  });
  expect(await codeOf(shop.ship(newId("ord")))).toBe("not_found");
}, 60_000);

test("twenty refunds under one key are one refund, and another body under it is refused", async () => {
  const { id } = await shop.bought();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => shop.refund(id, { amount: 100, reason: "late" }, { key: "once" })),
  );
  const refunds = answers.map(({ body }) => body.refunds);
  expect(new Set(refunds.map((of) => JSON.stringify(of.map((refund) => refund.id)))).size).toBe(1);
  expect(refunds[0]).toHaveLength(1);
  expect((await shop.ledger(id)).filter((line) => line.startsWith("refund"))).toEqual(["refund 100"]);
  expect(await codeOf(shop.refund(id, { amount: 101, reason: "late" }, { key: "once" }))).toBe("idempotency_key_reused");
  expect((await shop.read(id)).refunds).toHaveLength(1);
}, 60_000);

test("refunding the units of a line one by one gives back exactly what was paid for it", async () => {
  await shop.call(pricing.createCoupon, { code: "ODD", type: "amount", value: 101 });
  const { id, lines } = await shop.bought(3, { coupon: "ODD" });
  const { total, discount, tax } = lines[0]!;
  for (let unit = 0; unit < 3; unit++) await shop.refund(id, { ...bricks(1), reason: "unit" });
  const { refunds, paymentStatus } = await shop.read(id);
  expect(refunds.map(({ amount }) => amount.amount).reduce((a, b) => a + b)).toBe(total.amount + discount.amount + tax.amount);
  expect(paymentStatus).toBe("partially_refunded");
  expect(await refusalOf(shop.refund(id, { ...bricks(1), reason: "unit" }))).toMatchObject({
    message: expect.stringContaining("At most 0"),
  });
}, 60_000);

test("an order of which nothing has to be sent cannot be shipped, and can be cancelled", async () => {
  const cart = await shop.cart(1, {}, shop.gift.id);
  const { id } = await shop.checkout(cart.id);
  expect(await refusalOf(shop.ship(id))).toMatchObject({ message: "Nothing is left to be shipped." });
  expect((await shop.cancel(id)).body).toMatchObject({ status: "cancelled" });
}, 60_000);
