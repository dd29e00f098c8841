import { fieldsOf, isJson, type Json } from "./json-schema.ts";

/** Text that is safe between tags and in attributes. */
export const html = (text: unknown): string =>
  String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** Deep enough for every shape that people read, and an end for those that contain themselves. */
const DEPTH = 6;

/** A schema as nested lists of fields. `components` are those that it may refer to. */
export function schemaHtml(schema: unknown, components: Json, depth = 0): string {
  const { shape, variants } = unfold(schema, components);
  if (depth > DEPTH) return "";
  if (variants.length > 0) return variants.map((variant) => schemaHtml(variant, components, depth + 1)).join("<p class=t>or</p>");
  const items = unfold(shape.items, components).shape;
  const fields = fieldsOf(shape.type === "array" ? items : shape);
  if (fields.length === 0) return depth === 0 ? `<p class=t>${html(typeOf(schema, components))}</p>` : "";
  return `<ul>${fields.map((field) => fieldHtml(field, components, depth)).join("")}</ul>`;
}

function fieldHtml({ name, schema, isRequired }: ReturnType<typeof fieldsOf>[number], components: Json, depth: number): string {
  const optional = isRequired ? "" : " <span class=o>optional</span>";
  return `<li><code class=f>${html(name)}</code> <span class=t>${html(typeOf(schema, components))}</span>${optional}${schemaHtml(schema, components, depth + 1)}</li>`;
}

/** A type in a few words: "integer, 1 to 100", "one of: card". */
export function typeOf(schema: unknown, components: Json): string {
  const { shape, variants, isNullable } = unfold(schema, components);
  const orNull = isNullable ? " or null" : "";
  if (variants.length > 0) return `one of ${variants.length} shapes${orNull}`;
  if ("const" in shape) return `always ${JSON.stringify(shape.const)}`;
  if (Array.isArray(shape.enum)) return `one of: ${shape.enum.join(", ")}${orNull}`;
  if (shape.type === "array") return `list of ${typeOf(shape.items, components)}${orNull}`;
  const type = Array.isArray(shape.type) ? shape.type.join(" or ") : String(shape.type ?? "anything");
  return [`${type}${orNull}`, ...rules(shape)].join(", ");
}

function rules({ minimum, maximum, exclusiveMinimum, minLength, maxLength, format, default: standard }: Json): string[] {
  const isBounded = typeof maximum === "number" && maximum < Number.MAX_SAFE_INTEGER;
  const from = typeof minimum === "number" && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined;
  return [
    ...(from !== undefined && isBounded
      ? [`${from} to ${maximum}`]
      : from !== undefined
        ? [`from ${from}`]
        : isBounded
          ? [`to ${maximum}`]
          : []),
    ...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
    ...(typeof minLength === "number" && minLength > 1 ? [`at least ${minLength} characters`] : []),
    ...(maxLength === undefined ? [] : [`at most ${maxLength} characters`]),
    ...(format === undefined ? [] : [String(format)]),
    ...(standard === undefined ? [] : [`default ${JSON.stringify(standard)}`]),
  ];
}

/** Follows references and takes "or null" apart. */
function unfold(schema: unknown, components: Json): { shape: Json; variants: unknown[]; isNullable: boolean } {
  const shape = follow(schema, components);
  const all = [shape.anyOf, shape.oneOf].find((list): list is unknown[] => Array.isArray(list)) ?? [];
  const variants = all.filter((variant) => !(isJson(variant) && variant.type === "null"));
  const isNullable = variants.length < all.length;
  if (variants.length !== 1) return { shape, variants, isNullable };
  return { ...unfold(variants[0], components), isNullable };
}

function follow(schema: unknown, components: Json): Json {
  if (!isJson(schema)) return {};
  if (typeof schema.$ref !== "string") return schema;
  const found = components[schema.$ref.replace("#/components/schemas/", "")];
  return isJson(found) ? found : {};
}
