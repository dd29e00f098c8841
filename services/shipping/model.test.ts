import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { addedUp, obstacleTo, twiceIn } from "./model.ts";

const rate = (zone: string, upToGrams: number | null) => ({ zone, upToGrams, price: 1, estimate: "soon", freeFrom: null });

test("two rates of a zone may not be up to the same weight", () => {
  expect(twiceIn([rate("eu", null), rate("eu", 100), rate("near", 100)])).toBeUndefined();
  expect(twiceIn([rate("eu", 100), rate("near", 1), rate("eu", 100)])).toEqual(rate("eu", 100));
  expect(twiceIn([rate("eu", null), rate("eu", null)])).toEqual(rate("eu", null));
});

const lines = fc.array(fc.record({ sku: fc.constantFrom("A", "B", "C"), quantity: fc.integer({ min: 1, max: 9 }) }));
const unitsOf = (list: readonly { quantity: number }[]) => list.reduce((sum, { quantity }) => sum + quantity, 0);

describe("what may be sent", () => {
  /** Nothing is sent that is not left, however the lines are split. */
  const law = (obstacle: typeof obstacleTo) =>
    fc.property(lines, lines, (wanted, given) => {
      const left = addedUp(given);
      const most = new Map(left.map(({ sku, quantity }) => [sku, quantity]));
      const fits = addedUp(wanted).every(({ sku, quantity }) => quantity <= (most.get(sku) ?? 0));
      return (obstacle(wanted, left) === undefined) === fits;
    });

  test("is what is left", () => fc.assert(law(obstacleTo)));

  test("a rule that looks at each line alone is caught", () => {
    const careless: typeof obstacleTo = (wanted, left) =>
      wanted.map((line) => obstacleTo([line], left)).find((obstacle) => obstacle !== undefined);
    expect(fc.check(law(careless)).failed).toBe(true);
  });

  test("adding up loses no unit", () => fc.assert(fc.property(lines, (list) => unitsOf(addedUp(list)) === unitsOf(list))));
});
