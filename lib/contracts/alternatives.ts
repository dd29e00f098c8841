import type { Json, JsonObject } from "../json.ts";

/** A JSON Schema in the dialect that zod writes (2020-12). */
export type Schema = JsonObject;

/** Keywords that say nothing about which values are allowed. */
const ANNOTATIONS = new Set(["$schema", "$id", "$defs", "$comment", "title", "description", "examples", "deprecated", "default"]);

/**
 * A schema as the list of its alternatives, each without `$ref`, `anyOf`, `oneOf`, `allOf`, `enum` and lists of types: a
 * value is allowed when one of them allows it. So two ways to write the same thing compare as the same. Properties and
 * items are left as they are; references in them are looked up in `root`.
 */
export function alternatives(schema: Json | undefined, root: Schema, seen: ReadonlySet<string> = new Set()): Schema[] {
  if (schema === false) return [];
  if (!isSchema(schema)) return [{}];
  const { $ref, anyOf, oneOf, allOf, not, ...rest } = schema;
  // What refers to nothing but itself adds no value to its own list.
  if (typeof $ref === "string" && seen.has($ref)) return [];
  // `z.never()`. Any other `not` is kept and compared by its text.
  if (isSchema(not) && Object.keys(not).length === 0) return [];
  const inside = typeof $ref === "string" ? new Set([...seen, $ref]) : seen;
  const union = (list: Json | undefined) => schemas(list).flatMap((part) => alternatives(part, root, inside));
  let found = split(withoutAnnotations(not === undefined ? rest : { ...rest, not }));
  if (typeof $ref === "string") found = both(found, alternatives(lookUp($ref, root), root, inside));
  if (anyOf) found = both(found, union(anyOf));
  if (oneOf) found = both(found, union(oneOf));
  for (const part of schemas(allOf)) found = both(found, alternatives(part, root, inside));
  return found;
}

/** True for an object in JSON. */
export const isSchema = (value: Json | undefined): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const schemas = (list: Json | undefined): readonly Json[] => (Array.isArray(list) ? list : []);

function lookUp(ref: string, root: Schema): Json | undefined {
  let place: Json | undefined = root;
  for (const key of ref.split("/").slice(1)) {
    place = isSchema(place) ? place[key.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
  }
  if (place === undefined) throw new Error(`The schema refers to ${ref}, which is not in it.`);
  return place;
}

const withoutAnnotations = (schema: Schema): Schema =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => !ANNOTATIONS.has(key)));

/** One alternative per type and per allowed value. */
function split({ enum: values, type, ...rest }: Schema): Schema[] {
  if (values !== undefined) return schemas(values).map((value): Schema => ({ const: value }));
  if (rest.const !== undefined) return [{ const: rest.const }];
  const types: readonly (Json | undefined)[] = Array.isArray(type) ? schemas(type) : [type];
  return types.flatMap((one): Schema[] => {
    if (one === "boolean") return [{ const: true }, { const: false }];
    if (one === "null") return [{ const: null }];
    return [one === undefined ? rest : { type: one, ...rest }];
  });
}

/** The values that both lists allow. */
const both = (left: readonly Schema[], right: readonly Schema[]): Schema[] =>
  left.flatMap((one) => right.map((other) => merge(one, other)).filter((merged) => merged !== undefined));

function merge(left: Schema, right: Schema): Schema | undefined {
  const types = [left, right].map(typeOf).filter((type) => type !== undefined);
  if (!types.every((type) => types.every((other) => isWithin(type, other) || isWithin(other, type)))) return undefined;
  const merged: Record<string, Json | undefined> = { ...left };
  for (const [key, value] of Object.entries(right)) merged[key] = key in left ? meet(key, left[key], value) : value;
  if ("const" in left && "const" in right && left.const !== right.const) return undefined;
  return "const" in merged ? { const: merged.const } : merged;
}

/** What is left when one keyword is said twice. */
function meet(key: string, left: Json | undefined, right: Json | undefined): Json | undefined {
  if (JSON.stringify(left) === JSON.stringify(right)) return left;
  if (key === "type") return "integer";
  if (key === "required") return [...new Set([...schemas(left), ...schemas(right)])];
  if (key === "properties" && isSchema(left) && isSchema(right)) return meetProperties(left, right);
  if (typeof left === "number" && typeof right === "number") {
    return /^(minimum|exclusiveMinimum|min[A-Z])/.test(key) ? Math.max(left, right) : Math.min(left, right);
  }
  if (isSchema(left) && isSchema(right)) return { allOf: [left, right] };
  if (left === false || right === false) return false;
  return `${JSON.stringify(left)} and ${JSON.stringify(right)}`;
}

function meetProperties(left: Schema, right: Schema): Schema {
  const shared = Object.keys(left).filter((key) => key in right);
  return { ...left, ...right, ...Object.fromEntries(shared.map((key) => [key, { allOf: [left[key]!, right[key]!] }])) };
}

/** The type of an alternative's values; undefined when it allows every type. */
export function typeOf({ type, const: value }: Schema): string | undefined {
  if (value === undefined) return typeof type === "string" ? type : undefined;
  if (value === null) return "null";
  if (Number.isInteger(value)) return "integer";
  return Array.isArray(value) ? "array" : typeof value;
}

/** True when every value of the one type is of the other type too. */
export const isWithin = (type: string, other: string): boolean => type === other || (type === "integer" && other === "number");
