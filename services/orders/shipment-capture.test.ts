import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { openDatabase } from "../../lib/database.ts";
import { kernelContract } from "../../lib/kernel-contract.ts";
import { provision } from "../../lib/provision.ts";
import { eventually } from "../../test/support/eventually.ts";
import { refusalOf, type Shop, startOrders } from "./orders.support.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startOrders({ capture: "shipment" });
}, 60_000);
afterAll(async () => shop[Symbol.asyncDispose]());

const bricks = (quantity: number) => ({ lines: [{ sku: "BRICK", quantity }] });
const captures = async (id: string) =>
  (await shop.ledger(id)).filter((line) => line.startsWith("capture")).map((line) => Number(line.split(" ")[1]));

test("each shipment's money is taken with it, shipping with the first, and all of it adds up to the total", async () => {
  const { id, totals, lines } = await shop.bought(3);
  expect(await captures(id)).toEqual([]);
  const paid = lines[0]!.total.amount + lines[0]!.discount.amount + lines[0]!.tax.amount;
  expect((await shop.ship(id, bricks(1))).body).toMatchObject({ paymentStatus: "captured", status: "confirmed" });
  const [first] = await captures(id);
  expect(first).toBe(Math.ceil(paid / 3) + totals!.total.amount - paid);
  await shop.ship(id, bricks(1));
  await shop.ship(id);
  expect((await captures(id)).reduce((a, b) => a + b)).toBe(totals!.total.amount);
  expect(await captures(id)).toHaveLength(3);
});

test("what was captured before a shipment counts towards it", async () => {
  const { id, totals } = await shop.bought(2);
  expect((await shop.capture(id, { amount: 1_500 })).body.paymentStatus).toBe("captured");
  await shop.ship(id, bricks(1));
  await shop.ship(id);
  expect((await captures(id)).reduce((a, b) => a + b)).toBe(totals!.total.amount);
  expect(await refusalOf(shop.capture(id))).toMatchObject({ message: "Nothing is left to be captured." });
});

test("what is not captured yet is voided with a cancellation, and what is captured is refunded", async () => {
  const { id, totals } = await shop.bought(2);
  expect((await shop.cancel(id)).body).toMatchObject({ status: "cancelled", paymentStatus: "voided" });
  expect(await shop.ledger(id)).toEqual([`authorize ${totals!.total.amount}`, `void ${totals!.total.amount}`]);
  const partly = await shop.bought(2);
  await shop.capture(partly.id, { amount: 500 });
  expect((await shop.cancel(partly.id)).body).toMatchObject({
    paymentStatus: "refunded",
    refunds: [{ amount: { amount: 500 } }],
  });
});

test("an order of which nothing has to be sent is captured at once", async () => {
  const { id, totals } = await shop.checkout((await shop.cart(1, {}, shop.gift.id)).id);
  await eventually(async () => expect((await shop.read(id)).paymentStatus).toBe("captured"));
  expect(await captures(id)).toEqual([totals!.total.amount]);
});

test("a capture that is refused does not call the shipment back, and is a case for an operator", async () => {
  const { id } = await shop.bought();
  // The authorization has run out at the provider.
  const books = openDatabase(await provision(shop.environment.config, "payments"), { service: "test", poolSize: 1 });
  await books.sql`update sandbox.intent set closed_at = now() where order_id = ${id}`;
  await books.close();
  const { status, body } = await shop.ship(id);
  expect(status).toBe(202);
  expect(body).toMatchObject({ status: "shipped", paymentStatus: "authorized", shipments: [{ lines: [{ sku: "BRICK" }] }] });
  await eventually(async () => {
    const { saga } = await shop.call(kernelContract("orders").readSaga, { id: body.shipments[0]!.id });
    expect(saga).toMatchObject({ status: "compensating", error: expect.stringContaining("their money was not taken") });
  });
  expect(await refusalOf(shop.deliver(id))).toMatchObject({ message: expect.stringContaining("is being worked on: ship") });
  expect((await shop.told(id)).map(({ type }) => type)).toEqual(["orders.confirmed", "orders.shipped"]);
}, 60_000);
