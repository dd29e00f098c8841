import { fault } from "../../lib/fault.ts";

type Fields = Record<string, unknown>;

const NOT_NAMES = new Set(["__proto__", "constructor", "prototype"]);
const BRACKETS = /^([^[\]]+)\[([^[\]]+)\]$/;

/** Reads a query. `filter[color]=red` is the field `color` of `filter`; a name that comes twice is refused, since nobody can tell which one is meant. */
export function readQuery(text: string): Fields {
  const fields: Fields = {};
  if (text === "") return fields;
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const [name, value] = halves(pair);
    const [, outer, inner] = BRACKETS.exec(name) ?? [];
    if (outer && inner) put(nested(fields, outer), inner, value);
    else put(fields, name, value);
  }
  return fields;
}

/** @throws `malformed` for broken percent-encoding, for bytes that are not UTF-8 and for NUL. */
export function decode(text: string): string {
  if (!text.includes("%")) return text;
  const plain = unescaped(text);
  if (plain.includes("\0")) throw fault("malformed", "Text must not contain NUL.");
  return plain;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw fault("malformed", "The address has a broken percent-encoding.", { cause });
  }
}

function halves(pair: string): [name: string, value: string] {
  const cut = pair.indexOf("=");
  const [name, value] = cut === -1 ? [pair, ""] : [pair.slice(0, cut), pair.slice(cut + 1)];
  return [decode(name.replaceAll("+", " ")), decode(value.replaceAll("+", " "))];
}

function nested(fields: Fields, name: string): Fields {
  requireName(name);
  const known = Object.hasOwn(fields, name) ? fields[name] : (fields[name] = {});
  if (typeof known !== "object" || known === null) throw twice(name);
  return known as Fields;
}

function put(fields: Fields, name: string, value: string): void {
  requireName(name);
  if (Object.hasOwn(fields, name)) throw twice(name);
  fields[name] = value;
}

function requireName(name: string): void {
  if (NOT_NAMES.has(name)) throw fault("malformed", "The query has a field that cannot be.");
}

const twice = (name: string) =>
  fault("malformed", `The field ${name} is given twice.`, { details: [{ field: name, message: "given twice" }] });
