import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { startNodes, type TestNodes } from "../../test/support/nodes.ts";
import { smallCatalog } from "../../test/support/small-catalog.ts";
import * as pricing from "./contract.ts";

const shelf = smallCatalog();
const brick = shelf.sell({ price: 1000 });

let nodes: TestNodes;
beforeAll(async () => void (nodes = await startNodes({ services: ["pricing"], schemas: [shelf.schema] })));
afterAll(async () => nodes[Symbol.asyncDispose]());

type OrderId = ReturnType<typeof newId<"ord">>;
let made = 0;
async function coupon(limits: { limit?: number; perCustomer?: number } = {}): Promise<string> {
  made += 1;
  const { code } = await nodes.call(pricing.createCoupon, { code: `C${made}`, type: "percent", value: 10, ...limits });
  return code;
}

const redeem = (codes: string[], { orderId = newId("ord"), buyer = `${newId("cus")}@example.com` } = {}) =>
  nodes.call(pricing.redeemCoupons, { orderId, codes, buyer });
const giveBack = (orderId: OrderId) => nodes.call(pricing.returnCoupons, { orderId });
const used = async (code: string) => (await nodes.call(pricing.getCoupon, { code })).used;

const outcomes = (answers: { outcome: string }[]) => ({
  redeemed: answers.filter(({ outcome }) => outcome === "redeemed").length,
  unavailable: answers.filter(({ outcome }) => outcome === "unavailable").length,
});

test("of 50 orders that want the ten uses of a coupon at the same instant ten get one", async () => {
  const code = await coupon({ limit: 10 });
  const answers = await Promise.all(Array.from({ length: 50 }, () => redeem([code])));
  expect(outcomes(answers)).toEqual({ redeemed: 10, unavailable: 40 });
  expect(answers).toContainEqual({ outcome: "unavailable", coupons: [{ code, reason: "spent" }] });
  expect(await used(code)).toBe(10);
});

test("of 50 orders of one buyer at the same instant as many use a coupon as one customer may, whatever the address's letters", async () => {
  const code = await coupon({ limit: 1000, perCustomer: 3 });
  const buyers = ["Ada@Example.com", " ada@example.com", "ADA@EXAMPLE.COM"];
  const answers = await Promise.all(Array.from({ length: 50 }, (_, place) => redeem([code], { buyer: buyers[place % 3]! })));
  expect(outcomes(answers)).toEqual({ redeemed: 3, unavailable: 47 });
  expect(answers).toContainEqual({ outcome: "unavailable", coupons: [{ code, reason: "spent_by_customer" }] });
  expect(await redeem([code], { buyer: "eve@example.com" })).toEqual({ outcome: "redeemed" });
  expect(await used(code)).toBe(4);
});

test("orders that name the same coupons in every order get all or none, and nobody waits in a circle", async () => {
  const [a, b, c] = [await coupon({ limit: 8 }), await coupon({ limit: 5 }), await coupon({ limit: 100 })];
  const orders = [[a, b, c], [c, b, a], [b, a, c], [c, a, b]]; // prettier-ignore
  const answers = await Promise.all(Array.from({ length: 40 }, (_, place) => redeem(orders[place % 4]!)));
  expect(outcomes(answers)).toEqual({ redeemed: 5, unavailable: 35 });
  expect(await Promise.all([a, b, c].map(used))).toEqual([5, 5, 5]);
});

test("the same order again, also at the same instant, is counted once and told the same", async () => {
  const [code, spent] = [await coupon({ limit: 5 }), await coupon({ limit: 1 })];
  const orderId = newId("ord");
  const answers = await Promise.all(Array.from({ length: 10 }, () => redeem([code], { orderId })));
  expect(outcomes(answers)).toEqual({ redeemed: 10, unavailable: 0 });
  expect(await used(code)).toBe(1);
  await redeem([spent]);
  const refused = newId("ord");
  const answer = await redeem([code, spent], { orderId: refused });
  expect(answer).toEqual({ outcome: "unavailable", coupons: [{ code: spent, reason: "spent" }] });
  await nodes.call(pricing.changeCoupon, { code: spent, limit: null });
  expect(await redeem([code, spent], { orderId: refused })).toEqual(answer);
  expect(await used(code)).toBe(1);
});

test("what is given back can be used again, by the same buyer too, and is given back once", async () => {
  const code = await coupon({ limit: 1, perCustomer: 1 });
  const [orderId, buyer] = [newId("ord"), "ada@example.com"];
  await redeem([code], { orderId, buyer });
  expect(await redeem([code], { buyer })).toMatchObject({ outcome: "unavailable" });
  await Promise.all([giveBack(orderId), giveBack(orderId), giveBack(orderId)]);
  expect(await used(code)).toBe(0);
  expect(await redeem([code], { orderId, buyer })).toEqual({ outcome: "returned" });
  expect(await redeem([code], { buyer })).toEqual({ outcome: "redeemed" });
  expect(await used(code)).toBe(1);
});

test("a redemption that arrives after its return changes nothing", async () => {
  const code = await coupon({ limit: 1 });
  const orderId = newId("ord");
  expect(await giveBack(orderId)).toEqual({});
  expect(await redeem([code], { orderId })).toEqual({ outcome: "returned" });
  expect(await used(code)).toBe(0);
});

test("after a redemption and its return at the same instant nothing is used", async () => {
  const code = await coupon({ limit: 100 });
  for (let round = 1; round <= 10; round++) {
    const orderId = newId("ord");
    await Promise.all([redeem([code], { orderId }), giveBack(orderId)]);
    expect(await used(code)).toBe(0);
  }
});

test("a coupon that was archived or never made is refused, with the others", async () => {
  const [code, gone] = [await coupon(), await coupon()];
  await nodes.call(pricing.archiveCoupon, { code: gone });
  expect(await redeem([code, gone, "NONE"])).toEqual({
    outcome: "unavailable",
    coupons: [
      { code: gone, reason: "unknown" },
      { code: "NONE", reason: "unknown" },
    ],
  });
  expect(await used(code)).toBe(0);
});

test("a quote knows what is spent, and does not count an order's own use against it", async () => {
  const code = await coupon({ limit: 1, perCustomer: 1 });
  const [orderId, buyer] = [newId("ord"), "ada@example.com"];
  const quote = (more: object = {}) =>
    nodes.call(pricing.quote, { lines: [{ variantId: brick.id, quantity: 1 }], coupons: [code], buyer, ...more });
  expect(await quote()).toMatchObject({ coupons: [{ code }], inapplicable: [] });
  await redeem([code], { orderId, buyer });
  expect(await quote()).toMatchObject({ coupons: [], inapplicable: [{ code, reason: "spent" }] });
  await nodes.call(pricing.changeCoupon, { code, limit: null });
  expect(await quote({ buyer: "ADA@example.com" })).toMatchObject({ inapplicable: [{ code, reason: "spent_by_customer" }] });
  expect(await quote({ orderId })).toMatchObject({ coupons: [{ code }], inapplicable: [] });
  await giveBack(orderId);
  expect(await quote()).toMatchObject({ coupons: [{ code }] });
});
