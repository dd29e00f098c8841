import { expect, test } from "@jest/globals";
import { since } from "./calls.ts";
import { CrashPauses } from "./crash-pauses.ts";
import { isWorse } from "./judgement.ts";

const outcome = (calls: number, errors: number, overdue = 0) => ({ "a.read": { calls, errors, overdue } });

test("a release is worse when clearly more of its calls fail", () => {
  expect(isWorse(outcome(100, 40), outcome(100, 0))).toBe("40 % of its a.read fail, of the old release's 0 %");
  expect(isWorse(outcome(3, 3), {})).toBeDefined();
  expect(isWorse(outcome(10_000, 2_000), outcome(10_000, 500))).toBeDefined();
});

test("a release is worse when its calls hang", () => {
  expect(isWorse(outcome(10, 0, 5), outcome(10, 0))).toBe("50 % of its a.read fail, of the old release's 0 %");
  expect(isWorse(outcome(1, 0, 1), outcome(30, 0))).toBe("100 % of its a.read fail, of the old release's 0 %");
  expect(isWorse(outcome(30, 0, 1), outcome(30, 0))).toBeUndefined();
  expect(isWorse(outcome(1, 0, 1), outcome(30, 0, 2))).toBeUndefined();
});

test("one action that fails is seen among a thousand others that do not", () => {
  const fresh = { "a.read": { calls: 1_000, errors: 0, overdue: 0 }, "a.write": { calls: 3, errors: 3, overdue: 0 } };
  expect(isWorse(fresh, outcome(1_000, 0))).toMatch(/^100 % of its a\.write fail/);
});

test("chance, idleness and a fault that both have are no reason to go back", () => {
  expect(isWorse({}, {})).toBeUndefined();
  expect(isWorse(outcome(2, 2), outcome(100, 0))).toBeUndefined();
  expect(isWorse(outcome(100, 5), outcome(100, 0))).toBeUndefined();
  expect(isWorse(outcome(100, 50), outcome(100, 45))).toBeUndefined();
  expect(isWorse(outcome(20, 3), outcome(50, 1))).toBeUndefined();
  expect(isWorse(outcome(5, 5), outcome(5, 5))).toBeUndefined();
  expect(isWorse(outcome(10, 0, 3), outcome(10, 0, 3))).toBeUndefined();
});

test("what failed before is not counted again, and what hangs is counted as long as it does", () => {
  expect(since(outcome(10, 5, 1), outcome(14, 6, 2))).toEqual(outcome(4, 1, 2));
  expect(since({}, outcome(4, 1))).toEqual(outcome(4, 1));
});

test("the first crash is mended at once, a loop of crashes ever more slowly, and a long life is forgiven", () => {
  const pauses = new CrashPauses();
  const now = 1_000_000;
  const young = Array.from({ length: 9 }, () => pauses.after("orders", now - 1_000, now));
  expect(young).toEqual([0, 250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  expect(pauses.after("carts", now - 1_000, now)).toBe(0);
  expect(pauses.after("orders", now - 60_000, now)).toBe(0);
});
