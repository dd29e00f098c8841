import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { eventually } from "../../test/support/eventually.ts";
import type { Caller } from "../../lib/edge.ts";
import { newId } from "../../lib/ids.ts";
import * as carts from "../carts/contract.ts";
import * as customers from "../customers/contract.ts";
import * as pricing from "../pricing/contract.ts";
import * as orders from "./contract.ts";
import { codeOf, refusalOf, type Shop, startOrders } from "./orders.support.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startOrders();
}, 60_000);
afterAll(async () => shop[Symbol.asyncDispose]());

type Coupon = Parameters<typeof shop.call<typeof pricing.createCoupon>>[1];
const coupon = (given: Coupon) => shop.call(pricing.createCoupon, given);
const usesOf = async (code: string) => (await shop.call(pricing.getCoupon, { code })).used;
const customer = (): Caller & { kind: "customer" } => ({ kind: "customer", id: newId("cus"), session: "s" });

test("a coupon is taken off, counted and told of", async () => {
  await coupon({ code: "TENTH", type: "percent", value: 10 });
  const order = await shop.buy(2, { coupon: "TENTH" });
  expect(order).toMatchObject({ status: "confirmed", coupons: [{ code: "TENTH", discount: { amount: -200 } }] });
  expect(order.totals!.discount.amount).toBe(-200);
  expect(order.lines[0]!.discount.amount).toBe(-200);
  expect(await usesOf("TENTH")).toBe(1);
  const [confirmed] = await shop.told(order.id);
  expect(confirmed!.payload).toMatchObject({ coupons: order.coupons, customerId: null, confirmedAt: expect.any(String) });
});

test("a coupon that pays for all of it makes an order of nothing, which can be cancelled", async () => {
  await coupon({ code: "FREE", type: "percent", value: 100 });
  const cart = await shop.cart(1, { coupon: "FREE" }, shop.gift.id);
  const paid = await shop.checkout(cart.id);
  // Shipping costs something; what is left of the total without it is nothing.
  expect(paid.status).toBe("confirmed");
  await coupon({ code: "SENT", type: "free_shipping" });
  const both = await shop.cart(1, { coupon: "FREE" });
  await shop.call(carts.addCoupon, { id: both.id, code: "SENT" });
  const order = await shop.checkout(both.id);
  expect(order).toMatchObject({ status: "confirmed", paymentStatus: "authorized", totals: { total: { amount: 0 } } });
  expect(await refusalOf(shop.capture(order.id))).toMatchObject({ message: "Nothing is left to be captured." });
  expect(await refusalOf(shop.refund(order.id, { reason: "x" }))).toMatchObject({ message: "Nothing is left to be refunded." });
  expect((await shop.cancel(order.id)).body).toMatchObject({ status: "cancelled", paymentStatus: "voided" });
  expect(await shop.ledger(order.id)).toEqual([]);
});

test("a coupon that somebody else has used up meanwhile is named, and the cart is open again", async () => {
  await coupon({ code: "LAST", type: "amount", value: 100, limit: 1 });
  const [mine, theirs] = [await shop.cart(1, { coupon: "LAST" }), await shop.cart(1, { coupon: "LAST" })];
  const before = await shop.stock();
  expect(await shop.checkout(theirs.id)).toMatchObject({ status: "confirmed" });
  expect(await refusalOf(shop.checkout(mine.id))).toMatchObject({
    type: "coupon_unavailable",
    data: { details: [{ code: "LAST", reason: "spent" }] },
  });
  expect((await shop.call(carts.getCart, { id: mine.id })).status).toBe("open");
  expect(await shop.stock()).toEqual({ ...before, BRICK: before.BRICK! - 1 });
});

test("of two checkouts with the last coupon at the same instant one gets it", async () => {
  await coupon({ code: "ONLY", type: "amount", value: 100, limit: 1 });
  const both = await Promise.all([shop.cart(1, { coupon: "ONLY" }), shop.cart(1, { coupon: "ONLY" })]);
  const codes = await Promise.all(both.map(({ id }) => codeOf(shop.checkout(id))));
  expect(codes.toSorted()).toEqual(["coupon_unavailable", "ok"]);
  expect(await usesOf("ONLY")).toBe(1);
});

test("a declined payment and a cancellation give the coupon back", async () => {
  await coupon({ code: "BACK", type: "amount", value: 100, limit: 1 });
  const cart = await shop.cart(1, { coupon: "BACK" });
  expect(await codeOf(shop.checkout(cart.id, { token: "tok_declined" }))).toBe("payment_declined");
  expect(await usesOf("BACK")).toBe(0);
  const { id } = await shop.checkout(cart.id);
  expect(await usesOf("BACK")).toBe(1);
  await shop.cancel(id);
  expect(await usesOf("BACK")).toBe(0);
});

test("a price that is not the one that the cart has shown is refused, unless the buyer names the total", async () => {
  const thing = shop.catalog.sell({ price: 700, sku: "THING" });
  await shop.catalog.stock(thing, 10);
  const cart = await eventually(async () => shop.cart(1, {}, thing.id));
  const list = await shop.call(pricing.createPriceList, { name: "dearer" });
  await shop.call(pricing.setPrices, { id: list.id, prices: [{ variantId: thing.id, amount: 800 }] });
  const details = [{ variantId: thing.id, sku: "THING", field: "unitPrice", expected: 700, actual: 800, currency: "EUR" }];
  const refused = await refusalOf(shop.checkout(cart.id));
  expect(refused).toMatchObject({ type: "cart_changed", data: { details } });
  const seen = await shop.call(carts.getCart, { id: cart.id });
  expect(seen.status).toBe("open");
  await eventually(async () => {
    expect(await codeOf(shop.checkout(cart.id, {}, { expectedTotal: seen.totals.total }))).toBe("ok");
  });
});

test("an order is its customer's: found among their own, shown without a token, and to nobody else", async () => {
  const [ada, eve] = [customer(), customer()];
  const { id } = await shop.buy(1, { caller: ada });
  const second = await shop.buy(1, { caller: ada });
  const get = (caller: Caller) => codeOf(shop.request(orders.getOrder, { id }, { path: ["id"], caller }));
  expect([await get(ada), await get(eve), await get({ kind: "guest" })]).toEqual(["ok", "not_found", "not_found"]);
  expect((await shop.read(id)).customerId).toBe(ada.id);
  const own = (caller: Caller, more = {}) => shop.request(orders.findOwnOrders, more, { caller, method: "GET" });
  const { data, meta } = await own(ada, { limit: 1 });
  expect(data.map((order) => order.id)).toEqual([second.id]);
  expect((await own(ada, { limit: 1, cursor: meta.nextCursor })).data.map((order) => order.id)).toEqual([id]);
  expect((await own(eve)).data).toEqual([]);
  expect(await codeOf(own({ kind: "guest" }))).toBe("unauthorized");
  expect(await codeOf(own({ kind: "admin", id: "key", scopes: [] }))).toBe("forbidden");
  const found = await shop.call(orders.findOrders, { customerId: ada.id });
  expect(found.data).toHaveLength(2);
});

test("what a guest has bought, and buys later, is claimed with the verified address", async () => {
  const ada = customer();
  const before = await shop.buy(1, { email: "Ada.L@example.org" });
  const elsewhere = await shop.buy(1, { email: "ada.l@example.net" });
  const owned = await shop.buy(1, { email: "ada.l@example.org", caller: customer() });
  await shop.people.announce(customers.emailVerified, { customerId: ada.id as never, email: "ada.l@example.org" });
  await eventually(async () => expect((await shop.read(before.id)).customerId).toBe(ada.id));
  const after = await shop.buy(1, { email: "ADA.L@example.org" });
  expect((await shop.read(after.id)).customerId).toBe(ada.id);
  expect((await shop.read(elsewhere.id)).customerId).toBeNull();
  expect((await shop.read(owned.id)).customerId).not.toBe(ada.id);
});
