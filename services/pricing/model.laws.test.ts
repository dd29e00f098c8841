import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { newId } from "../../lib/ids.ts";
import { add, type Money, share } from "../../lib/money.ts";
import * as discounts from "./discounts.ts";
import * as model from "./model.ts";
import { coupon, EUR, line } from "./pricing.support.ts";

/** Each law is a function of the rules under test, so that it can be shown to fail for broken ones. */
const rules = { ...model, ...discounts };
type Rules = typeof rules;

const ids = Array.from({ length: 30 }, () => newId("var"));
const anyLines = fc
  .array(
    fc.record({
      price: fc.nat(1_000_000),
      quantity: fc.integer({ min: 1, max: 999 }),
      isTaxable: fc.boolean(),
      taxClass: fc.constantFrom("standard", "reduced", "toys"),
      categories: fc.subarray(["plates", "bricks"]),
    }),
    { maxLength: 30 },
  )
  .map((all) => all.map(({ price, quantity, ...nature }, place) => line(price, quantity, { ...nature, id: ids[place]! })));

const anyCoupon = fc.oneof(
  fc.integer({ min: 1, max: 10_000 }).map((value) => coupon("", "percent", value)),
  fc.integer({ min: 1, max: 100_000_000 }).map((value) => coupon("", "amount", value)),
  fc.constant(coupon("", "free_shipping")),
);
const anyCoupons = fc
  .array(fc.record({ coupon: anyCoupon, categories: fc.subarray(["plates", "bricks"]) }), { maxLength: 5 })
  .map((all) => all.map((one, place) => ({ ...one.coupon, code: `C${place}`, categories: one.categories })));

const anyRate = fc.integer({ min: 0, max: 10_000 });
const anyTaxation = fc
  .record({ standard: anyRate, reduced: anyRate, isIncluded: fc.boolean() })
  .map(({ standard, reduced, isIncluded }) => ({ rates: new Map([["standard", standard], ["reduced", reduced]]), isIncluded })); // prettier-ignore

const anyPurchase = fc.record({
  lines: anyLines,
  coupons: anyCoupons,
  taxation: anyTaxation,
  price: fc.option(fc.nat(100_000), { nil: null }),
});
type Purchase = Parameters<Parameters<typeof anyPurchase.map>[0]>[0];

/** The whole way from lines to totals. */
function bill({ discounted, taxed, totalsOf }: Rules, { lines, coupons, taxation, price }: Purchase) {
  const codes = coupons.map(({ code }) => code);
  const basket = { lines, price: price === null ? null : EUR(price), currency: "EUR" };
  const reduced = discounted(basket, codes, new Map(coupons.map((one) => [one.code, one])));
  const all = taxed(reduced.lines, taxation);
  return { ...reduced, lines: all, totals: totalsOf(all, reduced.parcel, taxation) };
}

const sum = (amounts: readonly Money[]) => amounts.reduce((all, { amount }) => all + amount, 0);
// A law's counterexample is shown as it was found: making one small takes minutes with this much in it.
const RUNS = { numRuns: 200, endOnFailure: true };
const isBroken = <T>(law: fc.IProperty<T>) => fc.check(law, RUNS).failed;

const totalsAddUp = (given: Rules) =>
  fc.property(anyPurchase, (purchase) => {
    const { lines, coupons, parcel, totals } = bill(given, purchase);
    const { items, discount, shipping, tax, total } = totals;
    expect(total.amount).toBe(sum([items, discount, shipping, tax]));
    expect(items.amount).toBe(sum(lines.map((one) => one.total)));
    expect(discount.amount).toBe(sum(coupons.map((one) => one.discount)));
    expect(discount.amount).toBe(sum([parcel.discount, ...lines.map((one) => one.discount)]));
    expect(Object.values(totals).every(({ amount, currency }) => Number.isSafeInteger(amount) && currency === "EUR")).toBe(true);
  });

test("law: the total is items + discount + shipping + tax, and the coupons' discounts are the lines' and the parcel's", () => {
  fc.assert(totalsAddUp(rules), RUNS);
  const forgetful: Rules = {
    ...rules,
    totalsOf: (lines, parcel, taxation) => rules.totalsOf(lines, { ...parcel, discount: EUR(0) }, taxation),
  };
  expect(isBroken(totalsAddUp(forgetful))).toBe(true);
});

const nothingIsNegative = (given: Rules) =>
  fc.property(anyPurchase, (purchase) => {
    const { lines, parcel, totals } = bill(given, purchase);
    for (const { total, discount } of [...lines, { total: parcel.price, discount: parcel.discount }]) {
      expect(discount.amount).toBeLessThanOrEqual(0);
      expect(total.amount + discount.amount).toBeGreaterThanOrEqual(0);
    }
    expect(totals.total.amount).toBeGreaterThanOrEqual(0);
  });

test("law: no coupon takes more off a line or the parcel than is left of it", () => {
  fc.assert(nothingIsNegative(rules), RUNS);
  // Takes each coupon off as if it were the only one.
  const greedy: Rules = {
    ...rules,
    discounted(basket, codes, known) {
      const alone = codes.map((code) => rules.discounted(basket, [code], known));
      const lines = basket.lines.map((one, place) => ({ ...one, discount: add(EUR(0), ...alone.map((cut) => cut.lines[place]!.discount)) })); // prettier-ignore
      return { ...rules.discounted(basket, codes, known), lines };
    },
  };
  expect(isBroken(nothingIsNegative(greedy))).toBe(true);
});

const anySpread = fc
  .array(fc.nat(1_000_000_000), { minLength: 1, maxLength: 30 })
  .filter((amounts) => amounts.some((amount) => amount > 0))
  .chain((amounts) => {
    const parts = amounts.map((amount, place) => ({ key: ids[place]!, amount }));
    const whole = amounts.reduce((all, amount) => all + amount, 0);
    return fc.record({ parts: fc.constant(parts), off: fc.integer({ min: 1, max: whole }) });
  });

const sharesAddUp = (given: Pick<Rules, "spread">) =>
  fc.property(anySpread, ({ parts, off }) => {
    const shares = given.spread(off, parts);
    const whole = parts.reduce((all, { amount }) => all + amount, 0);
    expect([...shares.values()].reduce((all, amount) => all + amount, 0)).toBe(off);
    for (const { key, amount } of parts) {
      const mine = shares.get(key)!;
      expect(mine >= 0 && mine <= amount).toBe(true);
      // Less than one unit from the exact proportion: |mine * whole - off * amount| < whole.
      const distance = BigInt(mine) * BigInt(whole) - BigInt(off) * BigInt(amount);
      expect(distance < BigInt(whole) && -distance < BigInt(whole)).toBe(true);
    }
  });

test("law: a discount's shares add up to it, none is larger than its line, each is the next best to the exact one", () => {
  fc.assert(sharesAddUp(rules), RUNS);
  const rounding: Pick<Rules, "spread"> = {
    spread(off, parts) {
      const whole = parts.reduce((all, { amount }) => all + amount, 0);
      return new Map(parts.map(({ key, amount }) => [key, Math.round((off * amount) / whole)]));
    },
  };
  expect(isBroken(sharesAddUp(rounding))).toBe(true);
});

const includedTaxIsExact = (given: Pick<Rules, "taxOn">) =>
  fc.property(fc.nat(1_000_000_000), anyRate, (gross, basisPoints) => {
    const { tax, includedTax } = given.taxOn(EUR(gross), basisPoints, { isIncluded: true });
    expect(tax.amount).toBe(0);
    // gross - gross / (1 + rate), half away from zero, in whole numbers.
    const whole = BigInt(10_000 + basisPoints);
    expect(BigInt(includedTax.amount)).toBe((BigInt(gross) * BigInt(basisPoints) * 2n + whole) / (2n * whole));
    // And back: the tax on the net price is the tax that was in the gross one, but for one rounding.
    const net = gross - includedTax.amount;
    expect(Math.abs(given.taxOn(EUR(net), basisPoints, { isIncluded: false }).tax.amount - includedTax.amount)).toBeLessThan(2);
  });

test("law: the tax in a gross price is exact to the minor unit, and comes back from the net price", () => {
  fc.assert(includedTaxIsExact(rules), RUNS);
  // Takes the rate of the gross price, as is often done.
  const naive: Pick<Rules, "taxOn"> = {
    taxOn: (amount, basisPoints, how) =>
      how.isIncluded ? { tax: EUR(0), includedTax: share(amount, basisPoints) } : rules.taxOn(amount, basisPoints, how),
  };
  expect(isBroken(includedTaxIsExact(naive))).toBe(true);
});

const orderDoesNotMatter = (given: Rules) =>
  fc.property(anyPurchase, fc.array(fc.nat(), { minLength: 30, maxLength: 30 }), (purchase, places) => {
    const order = new Map(purchase.lines.map(({ variantId }, place) => [variantId, places[place]!]));
    const shuffled = purchase.lines.toSorted((a, b) => order.get(a.variantId)! - order.get(b.variantId)!);
    const [one, other] = [bill(given, purchase), bill(given, { ...purchase, lines: shuffled })];
    const paid = ({ lines }: typeof one) => new Map(lines.map((each) => [each.variantId, [each.discount, each.tax]]));
    expect(other.totals).toEqual(one.totals);
    for (const [variantId, amounts] of paid(other)) expect(amounts).toEqual(paid(one).get(variantId));
  });

test("law: the order of the lines changes neither the totals nor any line", () => {
  fc.assert(orderDoesNotMatter(rules), RUNS);
  // Lets whoever is first have the odd unit.
  const first: Rules = {
    ...rules,
    discounted(basket, codes, known) {
      const cut = rules.discounted(basket, codes, known);
      const from = cut.lines.findLastIndex(({ discount }) => discount.amount < 0);
      const to = cut.lines.findIndex(({ total, discount }) => total.amount + discount.amount > 0);
      const shift = (each: model.Line, by: number) => ({ ...each, discount: add(each.discount, EUR(by)) });
      const lines = cut.lines.map((each, place) =>
        from === to ? each : place === from ? shift(each, 1) : place === to ? shift(each, -1) : each,
      );
      return from < 0 || to < 0 ? cut : { ...cut, lines };
    },
  };
  expect(isBroken(orderDoesNotMatter(first))).toBe(true);
});

/** What is paid, with big integers: tax on what each line and the parcel have left, rounded half away from zero one by one. */
const taxIsPerLine = (given: Rules) =>
  fc.property(anyPurchase, (purchase) => {
    const { lines, parcel, totals } = bill(given, purchase);
    const { rates, isIncluded } = purchase.taxation;
    const standard = rates.get("standard")!;
    const on = (amount: number, rate: number) => {
      const whole = BigInt(isIncluded ? 10_000 + rate : 10_000);
      return Number((BigInt(amount) * BigInt(rate) * 2n + whole) / (2n * whole));
    };
    const taxable = lines.filter(({ isTaxable }) => isTaxable);
    const taxes = taxable.map((one) => on(one.total.amount + one.discount.amount, rates.get(one.taxClass) ?? standard));
    const expected = taxes.reduce((all, tax) => all + tax, on(parcel.price.amount + parcel.discount.amount, standard));
    expect([totals.tax.amount, totals.includedTax.amount]).toEqual(isIncluded ? [0, expected] : [expected, 0]);
  });

test("law: tax is on what discounts have left, by class, and rounded line by line", () => {
  fc.assert(taxIsPerLine(rules), RUNS);
  const before: Rules = {
    ...rules,
    taxed: (lines, taxation) =>
      rules
        .taxed(
          lines.map((one) => ({ ...one, discount: EUR(0) })),
          taxation,
        ) // prettier-ignore
        .map((one, place) => ({ ...one, discount: lines[place]!.discount })),
  };
  expect(isBroken(taxIsPerLine(before))).toBe(true);
});
