import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { newId } from "../../lib/ids.ts";
import { answerTo, breachOf, EMPTY, isAllowed, type Item, type StoredCart, withMore, without, withQuantity } from "./model.ts";

const item = (quantity = 1): Item => ({ id: newId("item"), variantId: newId("var"), quantity });

const stored = (more: Partial<StoredCart>): StoredCart => ({
  ...EMPTY,
  id: newId("cart"),
  status: "open",
  version: 0,
  orderId: null,
  items: [],
  ...more,
});

test("adding keeps one line per variant, in the order of coming, and loses no unit", () => {
  const variants = Array.from({ length: 5 }, () => newId("var"));
  const adds = fc.array(fc.record({ which: fc.nat(4), quantity: fc.integer({ min: 1, max: 999 }) }), { maxLength: 30 });
  fc.assert(
    fc.property(adds, (given) => {
      const wanted = given.map(({ which, quantity }) => ({ id: newId("item"), variantId: variants[which]!, quantity }));
      const items = wanted.reduce<Item[]>(withMore, []);
      expect(items.map(({ variantId }) => variantId)).toEqual([...new Set(wanted.map(({ variantId }) => variantId))]);
      const units = (lines: readonly Item[]) => lines.reduce((sum, { quantity }) => sum + quantity, 0);
      expect(units(items)).toBe(units(wanted));
    }),
  );
});

test("an item that is not there can be neither changed nor taken out", () => {
  const [here, stranger] = [item(), item()];
  expect(withQuantity([here], { id: stranger.id, quantity: 2 })).toBeUndefined();
  expect(without([here], stranger)).toBeUndefined();
  expect(withQuantity([here], { id: here.id, quantity: 2 })).toEqual([{ ...here, quantity: 2 }]);
  expect(without([here], here)).toEqual([]);
});

test("the limits are 999 of each and 100 different items", () => {
  expect(breachOf(Array.from({ length: 100 }, () => item(999)))).toBeUndefined();
  expect(breachOf([item(1000)])).toMatchObject({ field: "quantity" });
  expect(breachOf(Array.from({ length: 101 }, () => item()))).toMatchObject({ field: "variantId" });
});

test.each([
  ["open", { change: true, freeze: true, reopen: false, complete: true }],
  ["locked", { change: false, freeze: false, reopen: true, complete: true }],
  ["completed", { change: false, freeze: false, reopen: false, complete: false }],
] as const)("what may happen to a cart that is %s", (status, moves) => {
  for (const move of ["change", "freeze", "reopen", "complete"] as const) expect(isAllowed(move, { status })).toBe(moves[move]);
});

test("an order is told who has the cart before it is told what the cart lacks", () => {
  const orderId = newId("ord");
  expect(answerTo(stored({ status: "locked", orderId }))).toEqual({ outcome: "taken", orderId });
  expect(answerTo(stored({ email: "ada@example.com" }))).toEqual({
    outcome: "unready",
    missing: ["items", "shippingAddress", "shippingOptionId"],
  });
});
