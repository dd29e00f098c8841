import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { newId } from "../../lib/ids.ts";
import { money } from "../../lib/money.ts";
import { merged, priced, type Sold, type TaxableLine, totalsOf } from "./model.ts";

const EUR = (amount: number) => money(amount, "EUR");

const variant = (price: number, more: Partial<Sold> = {}): Sold => ({
  id: newId("var"),
  sku: "BRICK",
  productTitle: "Brick",
  title: "Red",
  image: null,
  price: EUR(price),
  requiresShipping: true,
  isTaxable: true,
  ...more,
});

const line = (price: number, quantity: number, isTaxable = true): TaxableLine => {
  const sold = variant(price, { isTaxable });
  return priced([{ variantId: sold.id, quantity }], [sold]).lines[0]!;
};

const anyLine = fc.record({ price: fc.nat(1_000_000_000), quantity: fc.integer({ min: 1, max: 999 }), isTaxable: fc.boolean() });
const anyLines = fc
  .array(anyLine, { maxLength: 100 })
  .map((all) => all.map((one) => line(one.price, one.quantity, one.isTaxable)));
const anyTerms = fc.record({ basisPoints: fc.integer({ min: 0, max: 10_000 }), shipping: fc.nat(100_000) });

/** What a tax should be, computed with big integers: half away from zero. */
const taxOf = (amount: number, basisPoints: number) => Number((BigInt(amount) * BigInt(basisPoints) * 2n + 10_000n) / 20_000n);

test("the total is the sum of its parts, all of them whole, and the tax is right to the minor unit", () => {
  fc.assert(
    fc.property(anyLines, anyTerms, (lines, { basisPoints, shipping }) => {
      const { items, discount, tax, total, ...rest } = totalsOf(lines, { currency: "EUR", basisPoints, shipping: EUR(shipping) });
      const parts = [items, discount, rest.shipping, tax];
      expect(total.amount).toBe(parts.reduce((sum, { amount }) => sum + amount, 0));
      expect([...parts, total].every(({ amount, currency }) => Number.isSafeInteger(amount) && currency === "EUR")).toBe(true);
      expect(items.amount).toBe(lines.reduce((sum, { unitPrice, quantity }) => sum + unitPrice.amount * quantity, 0));
      expect(discount.amount).toBeLessThanOrEqual(0);
      const taxable = lines.filter(({ isTaxable }) => isTaxable).map((one) => taxOf(one.total.amount, basisPoints));
      expect(tax.amount).toBe(taxable.reduce((sum, amount) => sum + amount, taxOf(shipping, basisPoints)));
    }),
  );
});

test("splitting a quantity over several lines changes nothing", () => {
  const quantities = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(fc.nat(100_000), quantities, (price, split) => {
      const sold = variant(price);
      const whole = split.reduce((sum, quantity) => sum + quantity, 0);
      const lines = merged(split.map((quantity) => ({ variantId: sold.id, quantity })));
      expect(lines).toEqual([{ variantId: sold.id, quantity: whole }]);
      expect(priced(lines, [sold]).lines[0]!.total).toEqual(EUR(price * whole));
    }),
  );
});

test("lines keep the order in which their variants were first named", () => {
  const [a, b] = [variant(100), variant(200)];
  const lines = merged([a, b, a].map(({ id }) => ({ variantId: id, quantity: 1 })));
  expect(lines.map(({ variantId, quantity }) => [variantId, quantity])).toEqual([[a.id, 2], [b.id, 1]]); // prettier-ignore
});

test("what is not sold is named and not charged", () => {
  const [sold, gone] = [variant(100), variant(200)];
  const { lines, unavailable } = priced([sold, gone].map(({ id }) => ({ variantId: id, quantity: 3 })), [sold]); // prettier-ignore
  expect(lines.map(({ variantId }) => variantId)).toEqual([sold.id]);
  expect(unavailable).toEqual([gone.id]);
});

test.each([
  ["19 % of 0.50 is 0.095, so 0.10", 50, 1900, 10],
  ["19 % of 0.13 is 0.0247, so 0.02", 13, 1900, 2],
  ["8.1 % of 10.00 is 0.81", 1000, 810, 81],
  ["25.5 % of 0.98 is 0.2499, so 0.25", 98, 2550, 25],
  ["0 % is nothing", 1000, 0, 0],
])("%s", (_what, amount, basisPoints, tax) => {
  expect(totalsOf([line(amount, 1)], { currency: "EUR", basisPoints, shipping: EUR(0) }).tax).toEqual(EUR(tax));
});

test("tax is rounded for each line, not on the sum", () => {
  const lines = [line(50, 1), line(50, 1), line(50, 1)];
  expect(totalsOf(lines, { currency: "EUR", basisPoints: 1900, shipping: EUR(0) }).tax).toEqual(EUR(30));
});

test("an empty cart costs nothing, in the shop's currency", () => {
  const zero = money(0, "KRW");
  const totals = totalsOf([], { currency: "KRW", basisPoints: 1000, shipping: zero });
  expect(totals).toEqual({ items: zero, discount: zero, shipping: zero, tax: zero, total: zero });
});
