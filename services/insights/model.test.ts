import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { addUp, conversionOf, periodOf, salesOf } from "./model.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z");

describe("a time", () => {
  test("is the last thirty days if nothing is said", () => {
    expect(periodOf({}, NOW)).toEqual({ from: "2026-10-24", until: "2026-11-22" });
    expect(periodOf({ until: "2024-03-01" }, NOW)).toEqual({ from: "2024-02-01", until: "2024-03-01" });
    expect(periodOf({ from: "2026-11-22" }, NOW)).toEqual({ from: "2026-11-22", until: "2026-11-22" });
  });

  test("has a day at least, and two years at most", () => {
    expect(periodOf({ from: "2026-11-23" }, NOW)).toBe("ends before it begins");
    expect(periodOf({ from: "2024-11-22" }, NOW)).toEqual({ from: "2024-11-22", until: "2026-11-22" });
    expect(periodOf({ from: "2024-11-21" }, NOW)).toMatch("longer than 731 days");
  });
});

test("the average order is rounded, and there is none without orders", () => {
  const counts = { orders: 3, cancelled: 1, revenue: 1_001, refunded: 400 };
  expect(salesOf(counts, "EUR")).toMatchObject({ net: { amount: 601 }, averageOrder: { amount: 334 } });
  expect(salesOf({ ...counts, orders: 0 }, "EUR").averageOrder).toBeNull();
});

test("a day without carts has no conversion", () => {
  expect(conversionOf({ started: 0, completed: 0 }).rate).toBeNull();
  expect(conversionOf({ started: 4, completed: 1 }).rate).toBe(0.25);
});

const count = fc.nat(10_000);
const days = fc.array(fc.record({ orders: count, cancelled: count, revenue: count, refunded: count }));

test("the total is that of the days, in whatever parts they are added", () => {
  fc.assert(
    fc.property(days, days, (some, more) => {
      expect(addUp([addUp(some), addUp(more)])).toEqual(addUp([...some, ...more]));
    }),
  );
});
