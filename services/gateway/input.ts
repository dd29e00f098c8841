import type { IncomingHttpHeaders } from "node:http";
import { fault } from "../../lib/fault.ts";
import { decode } from "./query.ts";
import type { Route } from "./routes.ts";

type Fields = Record<string, unknown>;

/** The path's parameters by name. Throws `malformed` for a broken percent-encoding. */
export const pathFields = ({ parameters }: Pick<Route, "parameters">, values: readonly string[]): Record<string, string> =>
  Object.fromEntries(parameters.map((name, at) => [name, decode(values[at] ?? "")]));

/** The input fields that are read from headers. */
export function headerFields({ http }: Pick<Route, "http">, headers: IncomingHttpHeaders): Fields {
  const given = Object.entries(http.headers ?? {}).map(([field, name]) => [field, headers[name]] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** One input out of several places. A field must not come from two of them: whoever reads only one would see another request. */
export function merge(...places: readonly Fields[]): Fields {
  const all: Fields = {};
  for (const [name, value] of places.flatMap((place) => Object.entries(place))) {
    if (Object.hasOwn(all, name)) throw twice(name);
    all[name] = value;
  }
  return all;
}

const twice = (field: string) =>
  fault("malformed", `The field ${field} is given in two places.`, { details: [{ field, message: "given in two places" }] });

/** The `Idempotency-Key`, if there is one. Throws `malformed` unless it is 1 to 255 printable ASCII characters. */
export function idempotencyKey(headers: IncomingHttpHeaders): { idempotencyKey?: string } {
  const key = headers["idempotency-key"];
  if (key === undefined) return {};
  if (typeof key === "string" && /^[\x20-\x7e]{1,255}$/.test(key)) return { idempotencyKey: key };
  throw fault("malformed", "An Idempotency-Key has 1 to 255 printable ASCII characters.");
}
