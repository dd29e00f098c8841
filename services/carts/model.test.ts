import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { newId } from "../../lib/ids.ts";
import { money } from "../../lib/money.ts";
import type { Cart } from "./contract.ts";
import {
  answerTo,
  breachOf,
  changesNothing,
  EMPTY,
  isAllowed,
  type Item,
  merge,
  newlyShown,
  type StoredCart,
  type StoredItem,
  told,
  view,
  withMore,
  without,
  withQuantity,
} from "./model.ts";

const item = (quantity = 1): Item => ({ id: newId("item"), variantId: newId("var"), quantity });
const kept = (one: Item, price: number | null = null): StoredItem => ({
  ...one,
  sku: "BRICK",
  shownPrice: price === null ? null : money(price, "EUR"),
});

const stored = (more: Partial<StoredCart>): StoredCart => ({
  ...EMPTY,
  id: newId("cart"),
  status: "open",
  version: 0,
  orderId: null,
  customerId: null,
  isStarted: false,
  shown: 0,
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

const berlin = { name: "Ada", line1: "Street 1", city: "Berlin", postalCode: "10115", country: "DE" };

test("an order is told the cart's content; a cart that is not ready cannot have been frozen", () => {
  const cart = stored({ email: "ada@example.com", shippingAddress: berlin, shippingOptionId: "standard", coupons: ["TEN"] });
  expect(told(cart, { outcome: "frozen" })).toMatchObject({ outcome: "frozen", cart: { cartId: cart.id, coupons: ["TEN"] } });
  expect(told(cart, { outcome: "reopened" })).toEqual({ outcome: "reopened" });
  for (const field of ["email", "shippingAddress", "shippingOptionId"])
    expect(() => told({ ...cart, [field]: null }, { outcome: "frozen" })).toThrow("before it was ready");
});

const line = ({ variantId, quantity }: Item, price: number): Omit<Cart["items"][number], "id"> => {
  const [unitPrice, nothing] = [money(price, "EUR"), money(0, "EUR")];
  const names = { sku: "BRICK", title: "Brick", variantTitle: "Red", image: null };
  const amounts = { total: money(price * quantity, "EUR"), discount: nothing, tax: nothing, includedTax: nothing };
  return { variantId, quantity, ...names, unitPrice, ...amounts };
};

test("an item without a price is no longer sold", () => {
  const [sold, gone] = [item(2), item()];
  const { orderId: _order, isStarted: _started, shown: _shown, coupons: _codes, ...cart } = stored({});
  const zero = money(0, "EUR");
  const totals = { items: zero, discount: zero, shipping: zero, tax: zero, includedTax: zero, total: zero };
  const prices = { lines: [line(sold, 100)], totals, coupons: [], inapplicable: [{ code: "TEN", reason: "ended" as const }] };
  expect(view({ ...cart, items: [sold, gone] }, prices)).toMatchObject({
    items: [{ id: sold.id, quantity: 2 }],
    unavailable: [{ id: gone.id, variantId: gone.variantId }],
    inapplicableCoupons: [{ code: "TEN", reason: "ended" }],
  });
});

test("newly shown are prices that differ from the one before, or that were never shown, of items that were there", () => {
  const [same, other, never, foreign, fresh] = [item(), item(), item(), item(), item()];
  const was = { ...kept(foreign), shownPrice: money(100, "KRW") };
  const before = { items: [kept(same, 100), kept(other, 90), kept(never), was] };
  const items = [same, other, never, foreign, fresh].map((one) => ({ ...line(one, 100), id: one.id }));
  expect(newlyShown(before, { items }).map(({ id }) => id)).toEqual([other.id, never.id, foreign.id]);
});

const variants = Array.from({ length: 120 }, () => newId("var"));
const anyCart = fc
  .uniqueArray(fc.record({ which: fc.nat(119), quantity: fc.integer({ min: 1, max: 999 }) }), {
    maxLength: 100,
    selector: ({ which }) => which,
  })
  .map((all) =>
    stored({ items: all.map(({ which, quantity }) => kept({ id: newId("item"), variantId: variants[which]!, quantity })) }),
  );

/** What both carts hold after the merger. */
function afterwards(own: StoredCart, guest: StoredCart, merger: ReturnType<typeof merge>) {
  const put = new Map(merger.put.map((one) => [one.variantId, one]));
  const left = new Map(merger.left.map((one) => [one.id, one.quantity]));
  const stays = own.items.map((one) => put.get(one.variantId) ?? one);
  const fresh = merger.put.filter((one) => !own.items.some(({ variantId }) => variantId === one.variantId));
  const mine = [...stays, ...fresh];
  const theirs = guest.items.flatMap((one) => {
    const quantity = left.get(one.id) ?? one.quantity;
    return quantity === 0 ? [] : [{ ...one, quantity }];
  });
  return { mine, theirs };
}

const ADA = "ada@example.com";
const mergerLosesNothing = (mergeUnderTest: typeof merge) =>
  fc.property(anyCart, anyCart, (own, guest) => {
    const { mine, theirs } = afterwards(own, guest, mergeUnderTest(own, guest, ADA));
    const units = (items: readonly Item[]) => {
      const sums = new Map<string, number>();
      for (const { variantId, quantity } of items) sums.set(variantId, (sums.get(variantId) ?? 0) + quantity);
      return sums;
    };
    expect(units([...mine, ...theirs])).toEqual(units([...own.items, ...guest.items]));
    expect(breachOf(mine)).toBeUndefined();
    // What stays behind does not fit: the customer's cart is full, of that variant or altogether.
    for (const { variantId } of theirs)
      expect(mine.find((one) => one.variantId === variantId)?.quantity === 999 || mine.length === 100).toBe(true);
    const again = mergeUnderTest({ ...own, items: mine, email: ADA }, { ...guest, items: theirs }, ADA);
    expect(changesNothing(again, { ...own, items: mine, email: ADA })).toBe(true);
  });

test("law: a merger loses no unit, keeps the limits, moves all that fits, and doing it again does nothing", () => {
  const runs = { numRuns: 100, endOnFailure: true };
  fc.assert(mergerLosesNothing(merge), runs);
  // Leaves the guest's cart as it was, as if items were copied.
  const copies: typeof merge = (own, guest, email) => ({ ...merge(own, guest, email), left: [] });
  expect(fc.check(mergerLosesNothing(copies), runs).failed).toBe(true);
  // Knows no limits.
  const greedy: typeof merge = (own, guest, email) => {
    const sum = (one: StoredItem) => one.quantity + (own.items.find((mine) => mine.variantId === one.variantId)?.quantity ?? 0);
    const put = guest.items.map((one) => ({ ...one, quantity: sum(one) }));
    return { ...merge(own, guest, email), put, left: guest.items.map(({ id }) => ({ id, quantity: 0 })) };
  };
  expect(fc.check(mergerLosesNothing(greedy), runs).failed).toBe(true);
  // Skips whatever would not fit as a whole.
  const shy: typeof merge = (own, guest, email) => {
    const merger = merge(own, guest, email);
    const whole = new Set(merger.left.filter(({ quantity }) => quantity === 0).map(({ id }) => id));
    const moved = new Set(guest.items.filter(({ id }) => whole.has(id)).map(({ variantId }) => variantId));
    return { ...merger, put: merger.put.filter((one) => moved.has(one.variantId)), left: merger.left.filter(({ id }) => whole.has(id)) }; // prettier-ignore
  };
  expect(fc.check(mergerLosesNothing(shy), runs).failed).toBe(true);
});

test("what the customer's cart says it goes on to say; what it does not say the guest's cart says", () => {
  const there = { email: "own@example.com", shippingAddress: berlin, shippingOptionId: "express" };
  const paris = { ...berlin, city: "Paris", country: "FR" };
  const guest = stored({ email: "guest@example.com", shippingAddress: paris, shippingOptionId: "standard", coupons: ["B", "C"] });
  expect(merge(stored({ ...there, coupons: ["A", "B"] }), guest, ADA).content).toEqual({ ...there, coupons: ["A", "B", "C"] });
  const { email, shippingAddress, shippingOptionId } = guest;
  expect(merge(stored({}), guest, ADA).content).toEqual({ email, shippingAddress, shippingOptionId, coupons: ["B", "C"] });
  expect(merge(stored({ shippingAddress: berlin }), stored({}), ADA).content).toMatchObject({
    email: ADA,
    shippingAddress: berlin,
  });
  const five = stored({ coupons: ["1", "2", "3", "4"] });
  expect(merge(five, guest, ADA).content.coupons).toEqual(["1", "2", "3", "4", "B"]);
});
