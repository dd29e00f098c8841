import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { add, formatMoney, money, parseMoney, share, times } from "./money.ts";

const eur = (amount: number) => money(amount, "EUR");

test("adds amounts of one currency and refuses to mix two", () => {
  expect(add(eur(100), eur(20), eur(-5))).toEqual(eur(115));
  expect(() => add(eur(1), money(1, "USD"))).toThrow("cannot add USD to EUR");
});

test("multiplies a price by a quantity", () => {
  expect(times(eur(1999), 3)).toEqual(eur(5997));
});

test.each([
  [1999, 1900, 380], // 379.81
  [50, 1900, 10], // 9.5 goes away from zero
  [-50, 1900, -10],
  [1, 810, 0],
  [0, 1900, 0],
])("a share of %i at %i basis points is %i", (amount, basisPoints, expected) => {
  expect(share(eur(amount), basisPoints).amount).toBe(expected);
});

test("a share is never off by more than half a minor unit", () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 10_000 }), (amount, basisPoints) => {
      const exact = (amount * basisPoints) / 10_000;
      expect(Math.abs(share(eur(amount), basisPoints).amount - exact)).toBeLessThanOrEqual(0.5);
    }),
  );
});

test.each([
  ["42.99", "EUR", 4299],
  ["50", "EUR", 5000],
  ["0.5", "EUR", 50],
  ["-3.10", "EUR", -310],
  ["19.9900", "EUR", 1999],
  ["1500", "KRW", 1500],
  ["1500.00", "KRW", 1500],
])("reads %s %s", (text, currency, amount) => {
  expect(parseMoney(text, currency)).toEqual(money(amount, currency));
});

test.each(["", "abc", "1,99", "1.999", "1e3", " ", "NaN", "--1", "1.2.3"])("does not read %j as euros", (text) => {
  expect(parseMoney(text, "EUR")).toBeUndefined();
});

test("shows an amount with its currency's decimals", () => {
  expect(formatMoney(eur(1999))).toBe("19.99 EUR");
  expect(formatMoney(money(1500, "KRW"))).toBe("1500 KRW");
});
