import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Output } from "../../lib/contract.ts";
import { newId } from "../../lib/ids.ts";
import { money } from "../../lib/money.ts";
import { startNodes, type TestNodes } from "../../test/support/nodes.ts";
import { smallCatalog } from "../../test/support/small-catalog.ts";
import * as pricing from "./contract.ts";

const shelf = smallCatalog();
const brick = shelf.sell({ price: 999 });
const plate = shelf.sell({ price: 50 });
const book = shelf.sell({ price: 1000, isTaxable: false });
const song = shelf.sell({ price: 100, requiresShipping: false });

let nodes: TestNodes;
beforeAll(async () => void (nodes = await startNodes({ services: ["pricing", "shipping"], schemas: [shelf.schema] })));
afterAll(async () => nodes[Symbol.asyncDispose]());

const quote = (variants: { id: typeof brick.id }[], where: { country?: string; shippingOptionId?: string } = {}) =>
  nodes.call(pricing.quote, { lines: variants.map(({ id }) => ({ variantId: id, quantity: 2 })), ...where });

type Quoted = Exclude<Output<typeof pricing.quote>, { outcome: "unshippable" }>;

/** `[items, discount, shipping, tax, total]` */
function amounts(answer: Output<typeof pricing.quote>) {
  const { items, discount, shipping, tax, total } = (answer as Quoted).totals;
  return [items, discount, shipping, tax, total].map(({ amount }) => amount);
}

test("lines carry the catalog's prices; without a country there is neither tax nor shipping", async () => {
  const answer = await quote([brick, plate], { shippingOptionId: "standard" });
  expect(answer).toMatchObject({
    outcome: "quoted",
    lines: [{ variantId: brick.id, quantity: 2, unitPrice: money(999, "EUR"), total: money(1998, "EUR") }, {}],
  });
  expect(amounts(answer)).toEqual([2098, 0, 0, 0, 2098]);
});

test.each([
  ["DE", 399],
  ["AT", 420],
  ["FR", 420],
  ["GB", 420],
  ["CH", 170],
  ["FI", 535],
  ["KR", 210],
  ["US", 0],
  ["BR", 0],
])("in %s the tax on 19.98 and 1.00 is %i", async (country, tax) => {
  expect(amounts(await quote([brick, plate], { country }))).toEqual([2098, 0, 0, tax, 2098 + tax]);
});

test("shipping is charged and taxed once country and option are known", async () => {
  expect(amounts(await quote([brick], { country: "DE", shippingOptionId: "standard" }))).toEqual([1998, 0, 490, 380 + 93, 2961]);
});

test("what is not taxable is not taxed, but its parcel is", async () => {
  expect(amounts(await quote([book], { country: "DE", shippingOptionId: "express" }))).toEqual([2000, 0, 990, 188, 3178]);
});

test("nothing is charged for shipping when nothing has to be sent", async () => {
  expect(amounts(await quote([song], { country: "DE", shippingOptionId: "standard" }))).toEqual([200, 0, 0, 38, 238]);
});

test("what is no longer sold is named and left out of the totals", async () => {
  const gone = { id: newId("var") };
  const answer = await quote([brick, gone], { country: "DE" });
  expect(answer).toMatchObject({ outcome: "incomplete", unavailable: [gone.id], lines: [{ variantId: brick.id }] });
  expect(amounts(answer)).toEqual([1998, 0, 0, 380, 2378]);
});

test.each([
  ["DE", "teleport"],
  ["AQ", "standard"],
])("to %s by %s is unshippable", async (country, shippingOptionId) => {
  expect(await quote([brick], { country, shippingOptionId })).toEqual({ outcome: "unshippable" });
});

test("the same variant twice is one line", async () => {
  const answer = await quote([brick, brick], { country: "DE" });
  expect(answer).toMatchObject({ lines: [{ quantity: 4, total: money(3996, "EUR") }] });
  expect(amounts(answer)).toEqual([3996, 0, 0, 759, 4755]);
});

test("no lines cost nothing", async () => {
  expect(amounts(await quote([], { country: "DE", shippingOptionId: "standard" }))).toEqual([0, 0, 0, 0, 0]);
});
