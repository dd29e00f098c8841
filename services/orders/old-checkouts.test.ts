import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { z } from "zod";
import { type Database, openDatabase } from "../../lib/database.ts";
import { newId } from "../../lib/ids.ts";
import { money } from "../../lib/money.ts";
import { provision } from "../../lib/provision.ts";
import { saga, startSaga } from "../../lib/saga.ts";
import { eventually } from "../../test/support/eventually.ts";
import * as pricing from "../pricing/contract.ts";
import { shippingAddress, type Shop, startOrders } from "./orders.support.ts";

let shop: Shop;
let db: Database;
beforeAll(async () => {
  shop = await startOrders();
  db = openDatabase(await provision(shop.environment.config, "orders"), { service: "test", poolSize: 2 });
}, 60_000);
afterAll(async () => {
  await db.close();
  await shop[Symbol.asyncDispose]();
});

/** The checkout as the release before coupons has declared it. */
const old = saga<object>({
  name: "orders.checkout",
  version: 1,
  deadline: 60_000,
  state: z.looseObject({}),
  steps: [{ name: "freeze", commit: async () => {} }],
});

/** A pending order and its saga, as a node of that release would have left them at a step. */
async function leftAt(step: number, cartId: string, learnt: object): Promise<string> {
  const id = newId("ord");
  await db.transaction(async (tx) => {
    const payment = tx.json({ method: "card", token: "tok_ok" });
    await tx`insert into orders (id, number, cart_id, payment) values (${id}, ${id.slice(-8)}, ${cartId}, ${payment})`;
    await startSaga(tx, old, { id, state: { orderId: id, cartId, ...learnt } });
    await tx`update kernel.saga set step = ${step} where id = ${id}`;
  });
  return id;
}

const eur = (amount: number) => money(amount, "EUR");
const CONFIRM = 5;

test("a checkout that an older release has brought to its last step is confirmed", async () => {
  const cartId = newId("cart");
  const line = { variantId: shop.brick.id, sku: "BRICK", title: "Brick", variantTitle: "Red", image: null, quantity: 2 };
  const cart = {
    cartId,
    version: 3,
    email: "ada@example.com",
    shippingAddress,
    shippingOptionId: "standard",
    lines: [{ variantId: shop.brick.id, sku: "BRICK", quantity: 2 }],
  };
  const totals = { items: eur(2_000), discount: eur(0), shipping: eur(490), tax: eur(473), total: eur(2_963) };
  const lines = [{ ...line, unitPrice: eur(1_000), total: eur(2_000), requiresShipping: true }];
  const id = await leftAt(CONFIRM, cartId, { cart, lines, totals });
  const order = await eventually(async () => {
    const now = await shop.read(id);
    expect(now.status).toBe("confirmed");
    return now;
  });
  expect(order).toMatchObject({
    coupons: [],
    customerId: null,
    totals: { ...totals, includedTax: eur(0) },
    lines: [{ sku: "BRICK", discount: eur(0), tax: eur(0), shipped: 0 }],
  });
  expect((await shop.told(id)).map(({ type }) => type)).toEqual(["orders.confirmed"]);
});

test("a checkout that an older release has just begun goes through, unless coupons have come to its cart", async () => {
  const cart = await shop.cart();
  const id = await leftAt(0, cart.id, {});
  await eventually(async () => expect((await shop.read(id)).status).toBe("confirmed"));
  await shop.call(pricing.createCoupon, { code: "NEW", type: "amount", value: 100 });
  const withCoupon = await shop.cart(1, { coupon: "NEW" });
  const other = await leftAt(0, withCoupon.id, {});
  await eventually(async () => expect((await shop.read(other)).status).toBe("cancelled"));
  expect(await shop.checkout(withCoupon.id)).toMatchObject({ status: "confirmed", coupons: [{ code: "NEW" }] });
});

test("an order that an older release has confirmed is shown, sent and paid back like any other", async () => {
  const { id } = await shop.bought(2);
  await db.sql`
    update orders set totals = totals - 'includedTax',
      lines = (select jsonb_agg(line - 'discount' - 'tax' - 'includedTax') from jsonb_array_elements(lines) as l (line))
    where id = ${id}`;
  expect((await shop.read(id)).lines[0]).toMatchObject({ discount: eur(0), tax: eur(0), includedTax: eur(0) });
  expect((await shop.ship(id)).body.status).toBe("shipped");
  expect((await shop.refund(id, { lines: [{ sku: "BRICK", quantity: 1 }], reason: "x" })).body.refunds[0]!.amount).toEqual(
    eur(1_000),
  );
  expect((await shop.refund(id, { reason: "x" })).body.paymentStatus).toBe("refunded");
});
