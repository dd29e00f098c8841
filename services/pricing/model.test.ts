import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { money } from "../../lib/money.ts";
import { goodsTotal, gramsOf, isPeriod, merged, priced, type Taxation, taxed, taxOn, totalsOf } from "./model.ts";
import { EUR, line, variant } from "./pricing.support.ts";

const taxation = (standard: number, more: Partial<Taxation> = {}): Taxation => ({
  rates: new Map([["standard", standard]]),
  isIncluded: false,
  ...more,
});
const free = { price: EUR(0), discount: EUR(0) };

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

test("a listed price stands in for the catalog's, also when it is nothing", () => {
  const [a, b] = [variant(100), variant(200)];
  const wanted = [a, b].map(({ id }) => ({ variantId: id, quantity: 3 }));
  const { lines } = priced(wanted, [a, b], new Map([[a.id, 0]]));
  expect(lines.map(({ unitPrice, total }) => [unitPrice.amount, total.amount])).toEqual([[0, 0], [200, 600]]); // prettier-ignore
});

test.each([
  ["19 % of 0.50 is 0.095, so 0.10", 50, 1900, 10],
  ["19 % of 0.13 is 0.0247, so 0.02", 13, 1900, 2],
  ["8.1 % of 10.00 is 0.81", 1000, 810, 81],
  ["25.5 % of 0.98 is 0.2499, so 0.25", 98, 2550, 25],
  ["0 % is nothing", 1000, 0, 0],
])("%s", (_what, amount, basisPoints, tax) => {
  expect(taxOn(EUR(amount), basisPoints, { isIncluded: false })).toEqual({ tax: EUR(tax), includedTax: EUR(0) });
});

test.each([
  ["19 % in 11.90 are 1.90", 1190, 1900, 190],
  ["19 % in 0.01 are nothing", 1, 1900, 0],
  ["100 % in 0.01 are 0.005, so 0.01", 1, 10_000, 1],
  ["5.5 % in 10.00 are 0.5213, so 0.52", 1000, 550, 52],
])("%s", (_what, amount, basisPoints, includedTax) => {
  expect(taxOn(EUR(amount), basisPoints, { isIncluded: true })).toEqual({ tax: EUR(0), includedTax: EUR(includedTax) });
});

test("tax is rounded for each line, not on the sum", () => {
  const lines = taxed([line(50, 1), line(50, 1), line(50, 1)], taxation(1900));
  expect(totalsOf(lines, free, taxation(1900)).tax).toEqual(EUR(30));
});

test("a class has its rate, one without takes the standard rate, and a country without rates takes nothing", () => {
  const lines = ["reduced", "toys", "constructor"].map((taxClass) => line(1000, 1, { taxClass }));
  const rates = new Map([["standard", 2000], ["reduced", 500]]); // prettier-ignore
  const taxes = (given: Map<string, number>) => taxed(lines, { rates: given, isIncluded: false }).map(({ tax }) => tax.amount);
  expect(taxes(rates)).toEqual([50, 200, 200]);
  expect(taxes(new Map([["reduced", 500]]))).toEqual([50, 0, 0]);
  expect(taxes(new Map())).toEqual([0, 0, 0]);
});

test("what is left after the discount is taxed, of the parcel too, at the standard rate", () => {
  const [whole, book] = [line(1000, 1), line(1000, 1, { isTaxable: false })];
  const how = taxation(1000);
  const lines = taxed([{ ...whole, discount: EUR(-400) }, book], how);
  expect(lines.map(({ tax }) => tax.amount)).toEqual([60, 0]);
  expect(totalsOf(lines, { price: EUR(500), discount: EUR(-200) }, how)).toEqual({
    items: EUR(2000),
    discount: EUR(-600),
    shipping: EUR(500),
    tax: EUR(60 + 30),
    includedTax: EUR(0),
    total: EUR(1990),
  });
});

test("where prices include tax nothing is added, and what is in them is said, in the parcel too", () => {
  const how = taxation(1900, { isIncluded: true });
  const totals = totalsOf(taxed([line(1190, 1)], how), { price: EUR(595), discount: EUR(0) }, how);
  expect(totals).toMatchObject({ tax: EUR(0), includedTax: EUR(190 + 95), total: EUR(1785) });
});

test("only what has to be sent weighs", () => {
  expect(gramsOf([line(1, 3, { grams: 50 }), line(1, 9, { grams: 1000, requiresShipping: false })])).toBe(150);
});

test("goods cost what is left of them", () => {
  const lines = [{ ...line(1000, 2), discount: EUR(-300) }, line(5, 1)];
  expect(goodsTotal(lines, "EUR")).toEqual(EUR(1705));
  expect(goodsTotal([], "KRW")).toEqual(money(0, "KRW"));
});

test("an empty cart costs nothing, in the shop's currency", () => {
  const zero = money(0, "KRW");
  const totals = totalsOf([], { price: zero, discount: zero }, taxation(1000));
  expect(totals).toEqual({ items: zero, discount: zero, shipping: zero, tax: zero, includedTax: zero, total: zero });
});

test("a period ends after it starts, as far as it has an end and a start", () => {
  const [early, late] = ["2030-01-01T00:00:00Z", "2030-01-01T00:00:01Z"];
  expect([{}, { startsAt: late }, { endsAt: early, startsAt: null }, { startsAt: early, endsAt: late }].map(isPeriod)).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(isPeriod({ startsAt: late, endsAt: early })).toBe(false);
  expect(isPeriod({ startsAt: early, endsAt: early })).toBe(false);
});
