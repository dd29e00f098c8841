import { expect, test } from "@jest/globals";
import { CrashPauses } from "./crash-pauses.ts";
import { isWorse } from "./judgement.ts";

test("a node is worse when clearly more of its calls fail", () => {
  expect(isWorse({ calls: 100, errors: 40 }, { calls: 100, errors: 0 })).toBe("40 % of its calls fail, of the old node's 0 %");
  expect(isWorse({ calls: 10, errors: 10 }, { calls: 0, errors: 0 })).toBeDefined();
});

test("chance, idleness and a fault that both have are no reason to go back", () => {
  expect(isWorse({ calls: 0, errors: 0 }, { calls: 0, errors: 0 })).toBeUndefined();
  expect(isWorse({ calls: 2, errors: 2 }, { calls: 100, errors: 0 })).toBeUndefined();
  expect(isWorse({ calls: 100, errors: 5 }, { calls: 100, errors: 0 })).toBeUndefined();
  expect(isWorse({ calls: 100, errors: 50 }, { calls: 100, errors: 45 })).toBeUndefined();
});

test("the first crash is mended at once, a loop of crashes ever more slowly, and a long life is forgiven", () => {
  const pauses = new CrashPauses();
  const now = 1_000_000;
  const young = Array.from({ length: 9 }, () => pauses.after("orders", now - 1_000, now));
  expect(young).toEqual([0, 250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  expect(pauses.after("carts", now - 1_000, now)).toBe(0);
  expect(pauses.after("orders", now - 60_000, now)).toBe(0);
});
