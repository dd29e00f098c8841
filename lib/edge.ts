import { createHash } from "node:crypto";
import { z } from "zod";
import type { Action } from "./contract.ts";
import { type Detail, fault } from "./fault.ts";

/** Who asks, as the gateway has verified it. Travels with every call that the request leads to. */
export type Caller =
  | { readonly kind: "guest" }
  /** `session` is the sign-in that the token belongs to. */
  | { readonly kind: "customer"; readonly id: string; readonly session: string }
  /** `id` names the key, `scopes` what it may do; see `services/operations/contract.ts`. */
  | { readonly kind: "admin"; readonly id: string; readonly scopes: readonly string[] }
  | { readonly kind: "system" };

/** What the gateway says about a request from outside, besides its input. Calls between services have none. */
export interface Edge {
  /** Names of input fields that came from the path and from the query: they are text until they meet the schema. */
  readonly path: readonly string[];
  readonly query: readonly string[];
  readonly method: string;
  readonly url: string;
  readonly idempotencyKey?: string;
}

/**
 * Makes an action's input out of what came over HTTP. Text of path and query becomes numbers and booleans where the schema
 * wants them; unlike on the bus, fields that the schema does not know are refused.
 *
 * @throws `not_found` for a path that cannot name anything, `malformed` for the query, `invalid` for the body.
 */
export function inputFromEdge<A extends Action>(
  { input: schema }: A,
  raw: Record<string, unknown>,
  edge: Edge,
): z.output<A["input"]> {
  // No text of ours has a NUL, and PostgreSQL could not store it.
  if (JSON.stringify(raw).includes("\\u0000")) throw fault("malformed", "The request contains a NUL character.");
  const given = { ...raw };
  for (const name of [...edge.path, ...edge.query]) given[name] = fromText(given[name], propertyType(schema, name));
  const { success, data, error } = schema.safeParse(given, { reportInput: false });
  if (!success) throw refusal(error.issues.map(toDetail), edge);
  const strangers = unknownFields(given, data);
  if (strangers.length > 0)
    throw refusal(
      strangers.map((field) => ({ field, message: "unknown field" })),
      edge,
    );
  return data as z.output<A["input"]>;
}

function refusal(details: Detail[], edge: Edge) {
  const first = details[0]?.field?.split(".")[0] ?? "";
  const summary = details.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join("; ");
  if (edge.path.includes(first)) return fault("not_found");
  if (edge.query.includes(first)) return fault("malformed", `The query is wrong. ${summary}.`, { details });
  return fault("invalid", `The request is not what it should be. ${summary}.`, { details });
}

const toDetail = ({ path, message }: z.core.$ZodIssue): Detail => ({ field: path.join("."), message });

const types = new WeakMap<z.ZodType, Record<string, string>>();

function propertyType(schema: z.ZodType, name: string): string | undefined {
  let known = types.get(schema);
  if (!known) {
    const { properties = {} } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
    known = Object.fromEntries(
      Object.entries(properties).map(([key, value]) => [key, typeof value === "object" ? String(value.type) : ""]),
    );
    types.set(schema, known);
  }
  return known[name];
}

function fromText(value: unknown, type: string | undefined): unknown {
  if (typeof value !== "string") return value;
  if (type === "boolean") return value === "true" ? true : value === "false" ? false : value;
  if ((type === "integer" || type === "number") && /^-?\d{1,15}(\.\d{1,9})?$/.test(value)) return Number(value);
  return value;
}

/** Paths of fields that were given and did not survive the schema. */
function unknownFields(given: unknown, kept: unknown, path = ""): string[] {
  if (typeof given !== "object" || given === null || typeof kept !== "object" || kept === null) return [];
  return Object.entries(given).flatMap(([key, value]) => {
    const here = path ? `${path}.${key}` : key;
    if (value === undefined) return [];
    return Object.hasOwn(kept, key) ? unknownFields(value, (kept as Record<string, unknown>)[key], here) : [here];
  });
}

/** The same request has the same fingerprint, whatever the order of its fields. */
export const fingerprintOf = (input: unknown): string => createHash("sha256").update(canonical(input)).digest("base64url");

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(",")}}`;
}

/** The scope of an idempotency key: who asks, and what for. */
export const keyScope = (caller: Caller, { method, url }: Edge): string =>
  `${caller.kind}${"id" in caller ? `:${caller.id}` : ""} ${method} ${url}`;
