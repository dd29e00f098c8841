import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import * as pricing from "../pricing/contract.ts";
import { type Carts, startCarts } from "./carts.support.ts";
import * as carts from "./contract.ts";

let here: Carts;
beforeAll(async () => {
  here = await startCarts();
  const make = (code: string, more: object) =>
    here.nodes.call(pricing.createCoupon, { code, type: "percent", value: 10, ...more });
  for (let place = 1; place <= 6; place++) await make(`TEN${place}`, {});
  await make("SHIP", { type: "free_shipping" });
  await make("ONCE", { limit: 1, perCustomer: 1 });
  await make("ADA", { perCustomer: 1 });
  await make("BIG", { minimum: 2000 });
  await make("OLD", { endsAt: "2020-01-01T00:00:00Z" });
});
afterAll(async () => here.nodes[Symbol.asyncDispose]());

type CartId = carts.Cart["id"];
const add = (id: CartId, code: string) => here.nodes.call(carts.addCoupon, { id, code });
const remove = (id: CartId, code: string) => here.nodes.call(carts.removeCoupon, { id, code });
const refused = (reason: string) => ({ type: "invalid", code: 422, data: { details: [expect.objectContaining({ field: "code", reason })] } }); // prettier-ignore
const discounts = ({ coupons }: carts.Cart) => coupons.map(({ code, discount }) => [code, discount.amount]);

test("a coupon is put in, shown with what it takes off, and taken out", async () => {
  const { id } = await here.ready();
  const cart = await add(id, " ten1 ");
  expect(discounts(cart)).toEqual([["TEN1", -200]]);
  expect(cart).toMatchObject({ version: 3, items: [{ discount: { amount: -200 } }], totals: { discount: { amount: -200 } } });
  expect(discounts(await add(id, "SHIP"))).toEqual([["TEN1", -200], ["SHIP", -490]]); // prettier-ignore
  expect(await here.nodes.call(carts.getCart, { id })).toMatchObject({ version: 4, inapplicableCoupons: [] });
  expect(discounts(await remove(id, "ten1"))).toEqual([["SHIP", -490]]);
  await expect(remove(id, "TEN1")).rejects.toMatchObject({ type: "not_found" });
});

test("a coupon that is in the cart already stays, also when it came at the same instant", async () => {
  const { id } = await here.ready();
  const answers = await Promise.all([add(id, "TEN1"), add(id, "TEN1"), add(id, "TEN1")]);
  for (const cart of [...answers, await add(id, "TEN1")]) expect([discounts(cart), cart.version]).toEqual([[["TEN1", -200]], 3]);
});

test.each([
  ["NONE", "unknown"],
  ["OLD", "ended"],
  ["BIG", "below_minimum"],
])("%s is refused as %s, and nothing changes", async (code, reason) => {
  const { id } = await here.ready();
  await expect(add(id, code)).rejects.toMatchObject(refused(reason));
  expect(await here.nodes.call(carts.getCart, { id })).toMatchObject({ version: 2, coupons: [], inapplicableCoupons: [] });
});

test("what is used up is refused, for everybody or for one buyer", async () => {
  const { id } = await here.ready();
  const redeem = (code: string, buyer: string) =>
    here.nodes.call(pricing.redeemCoupons, { orderId: newId("ord"), codes: [code], buyer });
  await redeem("ADA", "ADA@example.com");
  await expect(add(id, "ADA")).rejects.toMatchObject(refused("spent_by_customer"));
  await add(id, "ONCE");
  await redeem("ONCE", "eve@example.com");
  const cart = await here.nodes.call(carts.getCart, { id });
  expect(cart).toMatchObject({ coupons: [], inapplicableCoupons: [{ code: "ONCE", reason: "spent" }] });
  expect(cart.totals.discount.amount).toBe(0);
});

test("a cart holds at most five coupons", async () => {
  const { id } = await here.ready();
  for (let place = 1; place <= 5; place++) await add(id, `TEN${place}`);
  await expect(add(id, "TEN6")).rejects.toMatchObject({ type: "invalid", code: 422 });
});

test("a coupon follows what is in the cart", async () => {
  const { id } = await here.open();
  await expect(add(id, "TEN1")).rejects.toMatchObject(refused("nothing_applies"));
  const [item] = (await here.nodes.call(carts.addItem, { id, variantId: here.brick.id, quantity: 3 })).items;
  expect(discounts(await add(id, "BIG"))).toEqual([["BIG", -300]]);
  const less = await here.nodes.call(carts.changeItem, { id, itemId: item!.id, quantity: 1 });
  expect(less).toMatchObject({ coupons: [], inapplicableCoupons: [{ code: "BIG", reason: "below_minimum" }] });
  const none = await here.nodes.call(carts.removeItem, { id, itemId: item!.id });
  expect(none).toMatchObject({ inapplicableCoupons: [{ code: "BIG", reason: "nothing_applies" }] });
});

test("a frozen cart keeps its coupons and shows them as its order has them, though the order has used them up", async () => {
  await here.nodes.call(pricing.createCoupon, { code: "LAST", type: "amount", value: 100, limit: 1 });
  const { id } = await here.ready();
  await add(id, "LAST");
  const orderId = newId("ord");
  expect(await here.nodes.call(carts.freeze, { cartId: id, orderId })).toMatchObject({ cart: { coupons: ["LAST"] } });
  await here.nodes.call(pricing.redeemCoupons, { orderId, codes: ["LAST"], buyer: "ada@example.com" });
  expect(discounts(await here.nodes.call(carts.getCart, { id }))).toEqual([["LAST", -100]]);
  for (const refusal of [() => add(id, "TEN1"), () => remove(id, "LAST")])
    await expect(refusal()).rejects.toMatchObject({ type: "cart_locked" });
});

test("a coupon comes and goes at the edge", async () => {
  const { id } = await here.ready();
  const path = { path: ["id"] };
  await here.nodes.request(carts.addCoupon, { id, code: "ten1" }, path);
  expect(await here.nodes.request(carts.removeCoupon, { id, code: "ten1" }, { path: ["id", "code"] })).toMatchObject({
    coupons: [],
  });
  await expect(here.nodes.request(carts.addCoupon, { id, code: "not a code" }, path)).rejects.toMatchObject({ code: 422 });
});
