import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { idFor } from "../../lib/ids.ts";
import { decide, type Shelf } from "./model.ts";

const shelf = (sku: string, free: number | null, isTracked = true): Shelf => ({ sku, isTracked, free });
const line = (sku: string, quantity: number) => ({ variantId: idFor("var", sku), sku, quantity });
const wish = (orderId: string, ...lines: ReturnType<typeof line>[]) => ({ orderId, lines });

test("an order gets all of its lines", () => {
  const lines = [line("mug", 2), line("plate", 1)];
  expect(decide([shelf("mug", 3), shelf("plate", 9)], [wish("a", ...lines)])).toEqual([
    { outcome: "served", orderId: "a", counted: lines, soldOut: [] },
  ]);
});

test("or none, and learns of every line that is missing", () => {
  expect(
    decide([shelf("mug", 1), shelf("plate", 0), shelf("cup", 9)], [wish("a", line("mug", 2), line("plate", 1), line("cup", 1))]),
  ).toEqual([
    {
      outcome: "short",
      orderId: "a",
      missing: [
        { variantId: idFor("var", "mug"), sku: "mug", requested: 2, available: 1 },
        { variantId: idFor("var", "plate"), sku: "plate", requested: 1, available: 0 },
      ],
    },
  ]);
});

test("lines of one SKU add up", () => {
  const [decision] = decide([shelf("mug", 3)], [wish("a", line("mug", 2), line("mug", 2))]);
  expect(decision).toMatchObject({ outcome: "short", missing: [{ requested: 4, available: 3 }] });
});

test("the earlier order comes first, and one that is short takes nothing from the next", () => {
  const decisions = decide([shelf("mug", 3)], [wish("a", line("mug", 2)), wish("b", line("mug", 2)), wish("c", line("mug", 1))]);
  expect(decisions.map(({ outcome }) => outcome)).toEqual(["served", "short", "served"]);
  expect(decisions.map((decision) => decision.outcome === "served" && decision.soldOut)).toEqual([[], false, ["mug"]]);
});

test("what is not tracked is sold without counting, back orders are counted and have no end", () => {
  const [decision] = decide([shelf("ebook", null, false), shelf("sofa", null)], [wish("a", line("ebook", 99), line("sofa", 99))]);
  expect(decision).toEqual({ outcome: "served", orderId: "a", counted: [line("sofa", 99)], soldOut: [] });
});

test("a SKU without a shelf has nothing, and neither has one that owes units", () => {
  const [decision] = decide([shelf("sofa", -3)], [wish("a", line("sofa", 1), line("ghost", 1))]);
  expect(decision).toMatchObject({
    missing: [
      { sku: "sofa", available: 0 },
      { sku: "ghost", available: 0 },
    ],
  });
});

describe("whatever orders come, in whatever order", () => {
  const shelves = fc.uniqueArray(
    fc.record({ sku: fc.constantFrom("a", "b", "c"), free: fc.option(fc.integer({ min: -2, max: 9 })), isTracked: fc.boolean() }),
    { selector: ({ sku }) => sku },
  );
  const wishes = fc.array(
    fc.record({
      orderId: fc.uuid(),
      lines: fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.integer({ min: 1, max: 5 })), { minLength: 1, maxLength: 4 }),
    }),
    { maxLength: 8 },
  );

  /** No shelf gives more than it has, nobody gets a part of an order, and nobody is refused what is there. */
  const law = (rule: typeof decide) =>
    fc.property(shelves, wishes, (known, wanted) => {
      const left = new Map<string, number>(known.map(({ sku, free }) => [sku, free ?? Infinity]));
      const asked = wanted.map(({ orderId, lines }) => wish(orderId, ...lines.map(([sku, quantity]) => line(sku, quantity))));
      return rule(known, asked).every((decision, at) => {
        const need = new Map<string, number>();
        for (const { sku, quantity } of asked[at]!.lines) need.set(sku, (need.get(sku) ?? 0) + quantity);
        const fits = [...need].every(([sku, quantity]) => quantity <= (left.get(sku) ?? 0));
        if (decision.outcome === "served") for (const [sku, quantity] of need) left.set(sku, left.get(sku)! - quantity);
        return fits === (decision.outcome === "served");
      });
    });

  test("stock is given out in full and never twice", () => fc.assert(law(decide)));

  test("a rule that forgets what it has given to the order before is caught", () => {
    const forgetful: typeof decide = (known, asked) => asked.flatMap((one) => decide(known, [one]));
    expect(fc.check(law(forgetful)).failed).toBe(true);
  });

  test("a rule that looks at each line of an order alone is caught", () => {
    const careless: typeof decide = (known, asked) =>
      decide(
        known,
        asked.map(({ orderId, lines }) => ({ orderId, lines: lines.slice(-1) })),
      );
    expect(fc.check(law(careless)).failed).toBe(true);
  });
});
