import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { booksHold, type Rules, RULES } from "./books.support.ts";
import { linesOf, refusalOf } from "./model.ts";

test("whatever is asked for, twice and in any order, the books balance and nothing moves that was not there", () => {
  fc.assert(booksHold(RULES), { numRuns: 2_000 });
});

const MUTANTS: Record<string, Rules> = {
  "books only one side of a capture": {
    ...RULES,
    linesOf: (kind, amount) => linesOf(kind, amount).slice(0, kind === "capture" ? 1 : 2),
  },
  "books a refund as a capture": { ...RULES, linesOf: (_, amount) => linesOf("capture", amount) },
  "captures more than was authorized": {
    ...RULES,
    refusalOf: (kind, account, asked) => {
      const refusal = refusalOf(kind, account, asked);
      return refusal === "amount_not_authorized" ? undefined : refusal;
    },
  },
  "refunds more than was captured": {
    ...RULES,
    refusalOf: (kind, account, asked) => {
      const refusal = refusalOf(kind, account, asked);
      return refusal === "amount_not_captured" ? undefined : refusal;
    },
  },
  "forgets what was refunded before": {
    ...RULES,
    refusalOf: (kind, account, asked) => refusalOf(kind, account && { ...account, refunded: 0 }, asked),
  },
  "does the same capture or refund twice": { ...RULES, isRepeatable: false },
  "has no tombstone": { ...RULES, hasTombstone: false },
};

describe("the property is red for a shop that", () => {
  test.each(Object.entries(MUTANTS))("%s", (_, rules) => {
    expect(fc.check(booksHold(rules), { numRuns: 2_000 }).failed).toBe(true);
  });
});
