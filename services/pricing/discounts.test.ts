import { expect, test } from "@jest/globals";
import { discounted, keptValue, shownValue, spread } from "./discounts.ts";
import type { Coupon, Line } from "./model.ts";
import { coupon, EUR, line } from "./pricing.support.ts";

const apply = (lines: readonly Line[], coupons: readonly Coupon[], price: number | null = null) =>
  discounted(
    { lines, price: price === null ? null : EUR(price), currency: "EUR" },
    coupons.map(({ code }) => code),
    new Map(coupons.map((one) => [one.code, one])),
  );

test("a percentage is taken off the sum and spread over the lines by their share", () => {
  const { lines, coupons } = apply([line(1000, 1), line(333, 1)], [coupon("TEN", "percent", 1000)]);
  expect(coupons).toEqual([{ code: "TEN", discount: EUR(-133) }]);
  expect(lines.map(({ discount }) => discount.amount)).toEqual([-100, -33]);
});

test("an amount takes off no more than there is", () => {
  const { lines, coupons } = apply([line(100, 2), line(50, 1)], [coupon("BIG", "amount", 10_000)]);
  expect(coupons).toEqual([{ code: "BIG", discount: EUR(-250) }]);
  expect(lines.map(({ discount }) => discount.amount)).toEqual([-200, -50]);
});

test("each coupon is taken off what those before it have left, in the order in which they came", () => {
  const [half, ten] = [coupon("HALF", "percent", 5000), coupon("TEN", "amount", 1000)];
  const off = (coupons: Coupon[]) => apply([line(4000, 1)], coupons).coupons.map(({ discount }) => discount.amount);
  expect(off([half, ten])).toEqual([-2000, -1000]);
  expect(off([ten, half])).toEqual([-1000, -1500]);
});

test("a coupon that is named twice is taken off once", () => {
  const once = coupon("TEN", "percent", 1000);
  expect(apply([line(1000, 1)], [once, once]).coupons).toEqual([{ code: "TEN", discount: EUR(-100) }]);
});

test("a coupon for a product or a category leaves the others alone", () => {
  const [brick, plate, book] = [line(1000, 1), line(1000, 1, { categories: ["toys", "plates"] }), line(1000, 1)];
  const some = coupon("SOME", "percent", 1000, { products: [brick.productId], categories: ["plates"] });
  expect(apply([brick, plate, book], [some]).lines.map(({ discount }) => discount.amount)).toEqual([-100, -100, 0]);
  expect(apply([book], [some]).inapplicable).toEqual([{ code: "SOME", reason: "nothing_applies" }]);
});

test("the minimum is that of the items which the coupon is for, before discounts", () => {
  const [brick, book] = [line(1000, 1), line(5000, 1)];
  const least = (minimum: number) => coupon("LEAST", "amount", 100, { minimum, products: [brick.productId] });
  expect(apply([brick, book], [least(1001)]).inapplicable).toEqual([{ code: "LEAST", reason: "below_minimum" }]);
  expect(apply([brick, book], [coupon("HALF", "percent", 5000), least(1000)]).inapplicable).toEqual([]);
});

test("free shipping takes off the parcel's price, and waits as long as nobody knows it", () => {
  const free = coupon("FREE", "free_shipping");
  expect(apply([line(1000, 1)], [free], 490)).toMatchObject({
    parcel: { price: EUR(490), discount: EUR(-490) },
    coupons: [{ code: "FREE", discount: EUR(-490) }],
  });
  expect(apply([line(1000, 1)], [free])).toMatchObject({
    parcel: { price: EUR(0), discount: EUR(0) },
    coupons: [{ code: "FREE", discount: EUR(0) }],
    inapplicable: [],
  });
});

test.each([
  ["free shipping of a parcel that costs nothing", [line(1000, 1)], coupon("NO", "free_shipping"), 0],
  ["a percentage of next to nothing", [line(4, 1)], coupon("NO", "percent", 1000), null],
  ["an amount off what costs nothing", [line(0, 1)], coupon("NO", "amount", 100), null],
  ["any coupon without lines", [], coupon("NO", "percent", 1000), null],
])("%s takes nothing off and says so", (_what, lines, one, price) => {
  const { coupons, inapplicable } = apply(lines, [one], price);
  expect({ coupons, inapplicable }).toEqual({ coupons: [], inapplicable: [{ code: "NO", reason: "nothing_applies" }] });
});

test("the second free shipping takes nothing off", () => {
  const both = [coupon("ONE", "free_shipping"), coupon("TWO", "free_shipping")];
  expect(apply([line(1000, 1)], both, 490).inapplicable).toEqual([{ code: "TWO", reason: "nothing_applies" }]);
});

test("a coupon that may not be used says why, whatever it would take off", () => {
  const ended = coupon("ENDED", "percent", 1000, { refusal: "ended" });
  const basket = { lines: [line(1000, 1)], price: null, currency: "EUR" };
  const { inapplicable } = discounted(basket, ["ENDED", "NONE"], new Map([["ENDED", ended]]));
  expect(inapplicable).toEqual([
    { code: "ENDED", reason: "ended" },
    { code: "NONE", reason: "unknown" },
  ]);
});

test("of equal remainders the lower key takes the odd unit, wherever it stands", () => {
  const [a, b, c] = ["a", "b", "c"].map((key) => ({ key, amount: 1000 }));
  const expected = { a: 34, b: 33, c: 33 };
  expect(Object.fromEntries(spread(100, [a!, b!, c!]))).toEqual(expected);
  expect(Object.fromEntries(spread(100, [c!, b!, a!]))).toEqual(expected);
});

test.each([
  ["percent", 12.5, 1250],
  ["percent", 0.07, 7],
  ["percent", 100, 10_000],
  ["percent", 0, undefined],
  ["percent", 100.01, undefined],
  ["percent", 1.005, undefined],
  ["amount", 250, 250],
  ["amount", 2.5, undefined],
  ["amount", 0, undefined],
  ["free_shipping", 17, 0],
] as const)("as %s a value of %s is kept as %s", (type, value, kept) => {
  expect(keptValue(type, value)).toBe(kept);
  if (kept) expect(shownValue(type, kept)).toBe(value);
});
