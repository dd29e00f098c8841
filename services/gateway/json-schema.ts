/** A JSON Schema, or a part of an OpenAPI document: anything that JSON can be. */
export type Json = Record<string, unknown>;

export const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Makes a schema that stands alone part of an OpenAPI document: its own definitions become components of the document, and
 * references within it point there.
 */
export function embed(name: string, schema: unknown): Record<string, Json> {
  if (!isJson(schema)) return {};
  const { $defs = {}, $schema: _, ...rest } = schema;
  const definitions = Object.entries(isJson($defs) ? $defs : {}).map(([key, value]) => [`${name}.${key}`, value] as const);
  const all = [[name, rest] as const, ...definitions];
  return Object.fromEntries(all.map(([key, value]) => [key, redirect(value, name) as Json]));
}

function redirect(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((item) => redirect(item, name));
  if (!isJson(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === "$ref" && typeof inner === "string" ? target(inner, name) : redirect(inner, name),
    ]),
  );
}

function target(reference: string, name: string): string {
  const [, definition, rest = ""] = /^#\/\$defs\/([^/]+)(.*)$/.exec(reference) ?? [];
  if (definition) return `#/components/schemas/${name}.${definition}${rest}`;
  return `#/components/schemas/${name}${reference.slice(1)}`;
}

/** The fields of an object schema, each with its schema and whether it must be there. */
export function fieldsOf(schema: unknown): { name: string; schema: Json; isRequired: boolean }[] {
  if (!isJson(schema) || !isJson(schema.properties)) return [];
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  return Object.entries(schema.properties).map(([name, field]) => ({
    name,
    schema: isJson(field) ? field : {},
    isRequired: required.has(name),
  }));
}

/** An object schema of some of another one's fields. */
export function pick(schema: Json, names: ReadonlySet<string>): Json {
  const fields = fieldsOf(schema).filter(({ name }) => names.has(name));
  const required = fields.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  return {
    type: "object",
    properties: Object.fromEntries(fields.map(({ name, schema: field }) => [name, field])),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}
