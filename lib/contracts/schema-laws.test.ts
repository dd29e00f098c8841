import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { z } from "zod";
import type { Schema } from "./alternatives.ts";
import { diffSchemas } from "./schema-diff.ts";

const { array, boolean, int, number, object: o, record, string, union } = z;

const diff = (passage: "input" | "output") => (was: z.ZodType, is: z.ZodType) => {
  const [before, after] = [was, is].map((of) => z.toJSONSchema(of, { io: passage }) as Schema);
  return diffSchemas(before!, after!, passage, passage).map(({ at, what }) => `${at} ${what}`);
};
const [input, output] = [diff("input"), diff("output")];

const leaf = fc.oneof(
  fc.constantFrom<() => z.ZodType>(
    () => string(),
    () => int(),
    () => boolean(),
    () => z.iso.datetime(),
    () => z.unknown(),
    () => z.null(),
  ),
  fc.nat(50).map(
    (most) => () =>
      string()
        .min(1)
        .max(most + 1),
  ),
  fc.integer({ min: -9, max: 9 }).map((from) => () => number().gt(from)),
  fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { minLength: 1 }).map((values) => () => z.enum(values)),
);
const { any } = fc.letrec<{ any: () => z.ZodType }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    leaf,
    tie("any").map((of) => () => array(of())),
    tie("any").map((of) => () => of().nullable()),
    tie("any").map((of) => () => record(string(), of())),
    fc.array(tie("any"), { minLength: 2, maxLength: 3 }).map((of) => () => union(of.map((make) => make()) as never)),
    fc.tuple(tie("any"), tie("any")).map(
      ([one, other]) =>
        () =>
          o({ one: one() }).and(o({ other: other() })),
    ),
    fc.array(fc.tuple(tie("any"), fc.boolean()), { maxLength: 4 }).map((fields) => () => {
      const shape = fields.map(([make, isOptional], index) => [`f${index}`, isOptional ? make().optional() : make()] as const);
      return o(Object.fromEntries(shape));
    }),
  ),
}));

test("a schema stands beside itself", () => {
  fc.assert(
    fc.property(any, (make) => {
      expect(input(make(), make())).toEqual([]);
      expect(output(make(), make())).toEqual([]);
    }),
  );
});

test("one more optional field never breaks, and one more required field always does", () => {
  fc.assert(
    fc.property(any, any, (make, more) => {
      const was = o({ it: make() });
      expect(input(was, o({ it: make(), more: more().optional() }))).toEqual([]);
      expect(output(was, o({ it: make(), more: more() }))).toEqual([]);
      expect(input(was, o({ it: make(), more: string() }))).toEqual(["input.more is new and required"]);
    }),
  );
});

test("what may break an output is what may break an input the other way round", () => {
  fc.assert(
    fc.property(any, (make) => {
      expect(input(make(), make().nullable())).toEqual([]);
      expect(output(make().nullable(), make())).toEqual([]);
    }),
  );
});
