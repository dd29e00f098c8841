import { expect, test } from "@jest/globals";
import * as fc from "fast-check";

import { skuFor } from "./sku.ts";

test.each([
  ["chain-bracelet", ["Blue"], "CHAIN-BRACELET_BLUE"],
  ["shirt", ["Light Blue", "XL"], "SHIRT_LIGHT-BLUE_XL"],
  ["mug", [], "MUG"],
  ["stuhl", ["Größe 4"], /^STUHL_GROSSE-4-[0-9A-F]{12}$/],
  ["shirt", ["빨강"], /^SHIRT-[0-9A-F]{12}$/],
  ["벽돌", ["빨강"], /^SKU-[0-9A-F]{12}$/],
  ["a".repeat(80), ["Red"], /^A{48}-[0-9A-F]{12}$/],
])("%s %j gets %s", (handle, values, expected) => {
  if (typeof expected === "string") expect(skuFor(handle, values)).toBe(expected);
  else expect(skuFor(handle, values)).toMatch(expected);
});

test("the border between handle and value counts", () => {
  expect(skuFor("a-b", ["c"])).not.toBe(skuFor("a", ["b-c"]));
});

test("every SKU is short, plain ASCII, and the same each time; different Korean values differ", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 });
  const korean = fc.string({ unit: fc.constantFrom("빨", "강", "파", "랑"), minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(text, fc.array(text, { maxLength: 3 }), korean, korean, (handle, values, first, second) => {
      expect(skuFor(handle, values)).toMatch(/^[A-Z0-9][A-Z0-9_-]{0,60}$/);
      expect(skuFor(handle, values)).toBe(skuFor(handle, [...values]));
      expect(skuFor(handle, [first]) === skuFor(handle, [second])).toBe(first === second);
    }),
    { seed: 1, numRuns: 200 },
  );
});
