import { expect, test } from "@jest/globals";
import { z } from "zod";
import { event } from "../contract.ts";
import { diffContracts } from "./contract-diff.ts";
import { documentOf } from "./document.ts";
import { type Break, diffSchemas } from "./schema-diff.ts";
import type { Schema } from "./alternatives.ts";

const schema = (of: z.ZodType, io: "input" | "output" = "output") => z.toJSONSchema(of, { io }) as Schema;
const lines = (breaks: readonly Break[]) => breaks.map(({ at, what }) => `${at} ${what}`);
const input = (was: z.ZodType, is: z.ZodType) => lines(diffSchemas(schema(was, "input"), schema(is, "input"), "input", "input"));
const output = (was: z.ZodType, is: z.ZodType) => lines(diffSchemas(schema(was), schema(is), "output", "output"));

/** Through the document, as a release does it. */
const payload = (was: z.ZodObject, is: z.ZodObject) => {
  const [before, after] = [was, is].map((of) => documentOf({ it: event("shop.done", "id" as never, of) }));
  return lines(diffContracts(before!, after!));
};

const { object, string, int, array, literal, union, boolean, record, number } = z;
const o = (shape: z.core.$ZodLooseShape) => object(shape);
const base = o({ id: string() });

type Row = [what: string, was: z.ZodType, is: z.ZodType, ...lines: string[]];

const tree = (extra: z.core.$ZodLooseShape): z.ZodType => {
  const node: z.ZodType = z.lazy(() => o({ name: string(), children: array(node), ...extra }));
  return o({ roots: array(node) });
};
const outcomes = (...names: string[]) =>
  union(names.map((name) => o({ outcome: literal(name), at: string() })) as unknown as [z.ZodObject, z.ZodObject]);

const breakingInputs: Row[] = [
  ["a new required field", base, o({ id: string(), sku: string() }), "input.sku is new and required"],
  ["an optional field that must be given now", o({ a: int().optional() }), o({ a: int() }), "input.a is required now"],
  ["a default that is gone", o({ a: int().default(1) }), o({ a: int() }), "input.a is required now"],
  ["a field that is no longer read", o({ id: string(), a: int().optional() }), base, "input.a was removed"],
  ["another type", base, o({ id: int() }), "input.id was string, is integer"],
  ["whole numbers only", o({ a: number() }), o({ a: int() }), "input.a was number, is integer"],
  ["a lost value of an enum", o({ a: z.enum(["x", "y"]) }), o({ a: z.enum(["x"]) }), 'input.a no longer takes "y"'],
  ["an enum in place of a text", base, o({ id: z.enum(["x"]) }), "input.id no longer takes any string"],
  ["true only", o({ a: boolean() }), o({ a: literal(true) }), "input.a no longer takes false"],
  ["null no longer", o({ a: int().nullable() }), o({ a: int() }), "input.a no longer takes null"],
  ["a shorter text", o({ a: string().max(9) }), o({ a: string().max(5) }), "input.a maxLength was 9, is 5"],
  [
    "a text that may not be empty",
    base,
    o({ id: string().min(1) }),
    'input.id minLength was "free", is 1'.replace('"free"', "free"),
  ],
  ["a smaller number", o({ a: int().max(9) }), o({ a: int().max(5) }), "input.a maximum was 9, is 5"],
  ["a larger number", o({ a: int().min(0) }), o({ a: int().min(1) }), "input.a minimum was 0, is 1"],
  ["an open border", o({ a: number().min(0) }), o({ a: number().gt(0) }), "input.a exclusiveMinimum was free, is 0"],
  ["steps", o({ a: number() }), o({ a: number().multipleOf(5) }), "input.a multipleOf was free, is 5"],
  ["fewer items", o({ a: array(int()).max(9) }), o({ a: array(int()).max(5) }), "input.a maxItems was 9, is 5"],
  ["at least one item", o({ a: array(int()) }), o({ a: array(int()).min(1) }), "input.a minItems was free, is 1"],
  ["another type of item", o({ a: array(int()) }), o({ a: array(string()) }), "input.a[] was integer, is string"],
  [
    "a field inside an item",
    o({ a: array(base) }),
    o({ a: array(o({ id: string(), b: int() })) }),
    "input.a[].b is new and required",
  ],
  ["a pattern", base, o({ id: string().regex(/^a/) }), 'input.id pattern was free, is "^a"'],
  ["a format, said once", base, o({ id: z.email() }), 'input.id format was free, is "email"'],
  [
    "a value that the new limit refuses",
    o({ a: z.enum(["x", "long"]) }),
    o({ a: string().max(3) }),
    'input.a no longer takes "long"',
  ],
  ["a value that the new pattern refuses", o({ a: literal("x") }), o({ a: string().regex(/^y/) }), 'input.a no longer takes "x"'],
  ["a lost alternative", outcomes("a", "b", "c"), outcomes("a", "b"), 'input no longer takes { outcome: "c" }'],
  ["a lost type of a union", o({ a: union([int(), string()]) }), o({ a: string() }), "input.a no longer takes any integer"],
  [
    "a record's other values",
    o({ a: record(string(), int()) }),
    o({ a: record(string(), string()) }),
    "input.a{} was integer, is string",
  ],
  ["a record's fewer keys", record(string(), int()), record(string().max(3), int()), "input{} maxLength was free, is 3"],
  ["a record that became an object", record(string(), int()), o({}), "input{} was removed"],
  [
    "another number of places",
    z.tuple([int()]),
    z.tuple([int(), int()]),
    "input minItems was 1, is 2",
    "input has another number of places",
  ],
  ["another place", z.tuple([int(), int()]), z.tuple([int(), string()]), "input[1] was integer, is string"],
  ["anything no longer", o({ a: z.unknown() }), o({ a: string().optional() }), "input.a was anything, is string"],
  ["nothing any more", base, o({ id: z.never() }), "input.id was string, is nothing"],
  ["inside an intersection", base.and(o({ a: int() })), base.and(o({ a: string() })), "input.a was integer, is string"],
  ["inside itself", tree({ n: int() }), tree({ n: string() }), "input.roots[].n was integer, is string"],
];

test.each(breakingInputs)("an input breaks its callers with %s", (_what, was, is, ...wanted) => {
  expect(input(was, is)).toEqual(wanted);
});

const harmlessInputs: [string, z.ZodType, z.ZodType][] = [
  ["a new optional field", base, o({ id: string(), a: int().optional() })],
  ["a new field with a default", base, o({ id: string(), a: int().default(3) })],
  ["a field that need no longer be given", base, base.partial()],
  ["a wider number", o({ a: int().min(1).max(5) }), o({ a: number().gt(0).max(9) })],
  ["the same border said otherwise", o({ a: int().positive() }), o({ a: int().min(1) })],
  ["a longer text", o({ a: string().min(2).max(5) }), o({ a: string().min(1).max(9) })],
  ["finer steps", o({ a: number().multipleOf(10) }), o({ a: number().multipleOf(5) })],
  ["null too", base, o({ id: string().nullable() })],
  ["one more value", o({ a: z.enum(["x"]) }), o({ a: z.enum(["x", "y"]) })],
  ["an enum as literals", o({ a: z.enum(["x", "y"]) }), o({ a: union([literal("y"), literal("x")]) })],
  ["a text in place of an enum", o({ a: z.enum(["x"]) }), o({ a: string().max(3).regex(/x/) })],
  ["both literals in place of a boolean", o({ a: boolean() }), o({ a: literal([true, false]) })],
  ["one more alternative", outcomes("a", "b"), outcomes("c", "b", "a")],
  ["one more type", o({ a: int() }), o({ a: union([string(), number()]) })],
  ["an intersection as one object", base.and(o({ a: int() })), o({ id: string(), a: int() })],
  ["one object as an intersection", o({ id: string(), a: int().max(3) }), base.and(o({ a: int() })).and(o({ a: int().max(5) }))],
  ["a record in place of an object", o({ a: int(), b: int().optional() }), record(string(), int())],
  ["the name of a shared shape", o({ a: tree({}), b: tree({}) }), o({ b: tree({}), a: tree({}) })],
  ["anything", base, o({ id: z.unknown() })],
  ["a description", base, o({ id: string().describe("Of the thing.") })],
];

test.each(harmlessInputs)("an input may change by %s", (_what, was, is) => {
  expect(input(was, is)).toEqual([]);
});

const breakingOutputs: Row[] = [
  ["a field that is gone", o({ id: string(), a: int() }), base, "output.a was removed"],
  ["a field that may be missing", base, base.partial(), "output.id may be missing now"],
  ["another type", base, o({ id: int() }), "output.id was string, is integer"],
  ["fractions", o({ a: int() }), o({ a: number() }), "output.a was integer, is number"],
  ["null", base, o({ id: string().nullable() }), "output.id may now be null"],
  ["one more value", o({ a: z.enum(["x"]) }), o({ a: z.enum(["x", "y"]) }), 'output.a may now be "y"'],
  ["a text in place of an enum", o({ a: z.enum(["x"]) }), o({ a: string() }), "output.a may now be any string"],
  ["one more outcome", outcomes("a", "b"), outcomes("a", "b", "c"), 'output may now be { outcome: "c" }'],
  [
    "a field that one outcome lost",
    union([o({ outcome: literal("a"), n: int() }), o({ outcome: literal("b") })]),
    union([o({ outcome: literal("b") }), o({ outcome: literal("a") })]),
    "output.n was removed",
  ],
  ["another pattern", o({ a: string().regex(/^a/) }), o({ a: string().regex(/^b/) }), 'output.a pattern was "^a", is "^b"'],
  ["a time as a text", o({ a: z.iso.datetime() }), o({ a: string() }), 'output.a format was "date-time", is free'],
  ["an unknown", base, o({ id: z.unknown() }), "output.id was string, is anything"],
  ["a record's other values", record(string(), int()), record(string(), int().nullable()), "output{} may now be null"],
  ["inside itself", tree({ n: int() }), tree({}), "output.roots[].n was removed"],
];

test.each(breakingOutputs)("an output breaks its callers with %s", (_what, was, is, ...wanted) => {
  expect(output(was, is)).toEqual(wanted);
});

const harmlessOutputs: [string, z.ZodType, z.ZodType][] = [
  ["a new field", base, o({ id: string(), a: int() })],
  ["a field that is always there now", base.partial(), base],
  ["a default, for it is filled in", base, o({ id: string().default("x") })],
  ["one value less", o({ a: z.enum(["x", "y"]) }), o({ a: z.enum(["x"]) })],
  ["one outcome less", outcomes("a", "b", "c"), outcomes("b", "a")],
  ["null no longer", o({ a: int().nullable() }), o({ a: int() })],
  ["a wider limit, for callers do not parse it", o({ a: string().max(5) }), o({ a: string().max(9) })],
  ["an object in place of a record", record(string(), int()), o({ a: int() })],
  ["more fields inside itself", tree({}), tree({ n: int() })],
];

test.each(harmlessOutputs)("an output may change by %s", (_what, was, is) => {
  expect(output(was, is)).toEqual([]);
});

const breakingPayloads: [string, z.ZodObject, z.ZodObject, ...string[]][] = [
  ["a field that is gone", o({ id: string(), a: int() }), base, "payload.a was removed"],
  ["a field that may be missing", base, base.partial(), "payload.id may be missing now"],
  ["another type", base, o({ id: int() }), "payload.id was string, is integer"],
  [
    "a wider limit, for subscribers parse it",
    o({ id: string().max(5) }),
    o({ id: string().max(9) }),
    "payload.id maxLength was 5, is 9",
  ],
  ["a narrower one, for events wait", o({ id: string().max(9) }), o({ id: string().max(5) }), "payload.id maxLength was 9, is 5"],
  ["one more value", o({ id: z.enum(["x"]) }), o({ id: z.enum(["x", "y"]) }), 'payload.id may now be "y"'],
  ["one value less", o({ id: z.enum(["x", "y"]) }), o({ id: z.enum(["x"]) }), 'payload.id no longer takes "y"'],
  ["a new required field", base, o({ id: string(), a: int() }), "payload.a is new and required, and unread events lack it"],
  [
    "a field that is required",
    o({ a: int().optional() }),
    o({ a: int() }),
    "payload.a is required now, and unread events may lack it",
  ],
];

test.each(breakingPayloads)("an event breaks with %s", (_what, was, is, ...wanted) => {
  expect(payload(was, is)).toEqual(wanted);
});

test.each([
  ["a new optional field", base, o({ id: string(), a: int().optional() })],
  ["a new field with a default", base, o({ id: string(), a: int().default(0) })],
  ["a default for what was there", base, o({ id: string().default("x") })],
])("an event may change by %s", (_what, was, is) => {
  expect(payload(was, is)).toEqual([]);
});

test("a keyword that is not known must not change", () => {
  const [was, is]: Schema[] = [{ type: "string", contentEncoding: "base64" }, { type: "string" }];
  expect(lines(diffSchemas(was!, is!, "input", "input"))).toEqual(['input contentEncoding was "base64", is free']);
  expect(diffSchemas(was!, was!, "input", "input")).toEqual([]);
});
