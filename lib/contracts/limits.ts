import type { Json } from "../json.ts";
import { isWithin, type Schema, typeOf } from "./alternatives.ts";

/** A keyword by which the reader refuses some of what the writer may write. */
export interface Narrowing {
  readonly keyword: string;
  readonly writes: Json | undefined;
  readonly reads: Json | undefined;
}

/** Keywords that are compared elsewhere. */
const STRUCTURE = new Set([
  "type",
  "const",
  "properties",
  "required",
  "additionalProperties",
  "propertyNames",
  "items",
  "prefixItems",
]);
const RANGE = new Set(["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"]);

/** The limits by which `reads` refuses some of what `writes` allows. A keyword unknown here must be the same in both. */
export function narrowings(writes: Schema, reads: Schema): Narrowing[] {
  const keywords = new Set([...Object.keys(writes), ...Object.keys(reads)]);
  const plain = [...keywords].filter((keyword) => !STRUCTURE.has(keyword) && !RANGE.has(keyword));
  const narrower = [...plain.filter((keyword) => isNarrower(keyword, writes[keyword], reads[keyword])), ...ranges(writes, reads)];
  // zod writes the pattern of a format too: one line is enough.
  const told = narrower.includes("format") ? narrower.filter((keyword) => keyword !== "pattern") : narrower;
  return told.map((keyword) => ({ keyword, writes: writes[keyword], reads: reads[keyword] }));
}

function isNarrower(keyword: string, writes: Json | undefined, reads: Json | undefined): boolean {
  if (JSON.stringify(writes) === JSON.stringify(reads)) return false;
  if (/^min[A-Z]/.test(keyword)) return numberOr(reads, 0) > numberOr(writes, 0);
  if (/^max[A-Z]/.test(keyword)) return numberOr(reads, Infinity) < numberOr(writes, Infinity);
  if (keyword === "pattern" || keyword === "format") return reads !== undefined;
  if (keyword === "multipleOf") return reads !== undefined && !(numberOr(writes, NaN) % numberOr(reads, NaN) === 0);
  return true;
}

const numberOr = (value: Json | undefined, standard: number): number => (typeof value === "number" ? value : standard);

function ranges(writes: Schema, reads: Schema): string[] {
  const isLower = isBeyond(least(reads), least(writes), 1);
  const isUpper = isBeyond(most(reads), most(writes), -1);
  return [
    ...(isLower ? ["exclusiveMinimum" in reads ? "exclusiveMinimum" : "minimum"] : []),
    ...(isUpper ? ["exclusiveMaximum" in reads ? "exclusiveMaximum" : "maximum"] : []),
  ];
}

interface Bound {
  readonly at: number;
  readonly isOpen: boolean;
}

/** Whether the first bound cuts off something that the second leaves. `sign` is 1 for lower bounds and -1 for upper ones. */
const isBeyond = (first: Bound, second: Bound, sign: 1 | -1): boolean =>
  first.at === second.at ? first.isOpen && !second.isOpen : sign * first.at > sign * second.at;

const least = (schema: Schema): Bound => tighter(schema, schema.minimum, schema.exclusiveMinimum, 1);
const most = (schema: Schema): Bound => tighter(schema, schema.maximum, schema.exclusiveMaximum, -1);

function tighter({ type }: Schema, closed: Json | undefined, open: Json | undefined, sign: 1 | -1): Bound {
  const inclusive = { at: numberOr(closed, -sign * Infinity), isOpen: false };
  const isInteger = type === "integer";
  const exclusive = { at: numberOr(open, -sign * Infinity) + (isInteger ? sign : 0), isOpen: !isInteger };
  return open !== undefined && isBeyond(exclusive, inclusive, sign) ? exclusive : inclusive;
}

/** Whether an alternative allows this one value, as far as its own keywords say. */
export function admits(schema: Schema, value: Json): boolean {
  if ("const" in schema) return JSON.stringify(schema.const) === JSON.stringify(value);
  const [own, given] = [typeOf(schema), typeOf({ const: value })];
  if (own !== undefined && !isWithin(given!, own)) return false;
  if (typeof value === "string" && typeof schema.pattern === "string" && !new RegExp(schema.pattern, "u").test(value))
    return false;
  const { pattern: _pattern, format, ...limits } = schema;
  return narrowings(pointOf(value), format !== undefined && _pattern === undefined ? { ...limits, format } : limits).length === 0;
}

/** The limits that leave one value alone. */
function pointOf(value: Json): Schema {
  if (typeof value === "string") return { minLength: value.length, maxLength: value.length };
  if (typeof value === "number") return { type: "number", minimum: value, maximum: value, multipleOf: value };
  return {};
}
