import { type Detail, fault } from "../../lib/fault.ts";
import type { ProductDraft, VariantDraft } from "./draft.ts";
import { isUnderstood } from "./shopify-columns.ts";

/** What files may say at most, an administrator may, too. */
const MOST_VARIANTS = 2_048;

/** Refuses a product that the shop could not sell. Throws the fault `invalid`. */
export function checkDraft(draft: ProductDraft, currency: string): void {
  const names = draft.options.map(({ name }) => name);
  const details = [
    ...(new Set(names).size < names.length ? [{ field: "options", message: "two options have the same name" }] : []),
    ...(names.includes("__proto__") ? [{ field: "options", message: "__proto__ cannot name an option" }] : []),
    ...(draft.variants.length > MOST_VARIANTS ? [{ field: "variants", message: `there are more than ${MOST_VARIANTS}` }] : []),
    ...columnProblems(draft.cells),
    ...draft.variants.flatMap((variant, at) => variantProblems(variant, names, currency, `variants.${at}`)),
    ...repeats(draft.variants),
  ];
  if (details.length === 0) return;
  throw fault("invalid", details.map(({ field, message }) => `${field}: ${message}`).join("; "), { details });
}

function variantProblems(variant: VariantDraft, names: readonly string[], currency: string, field: string): Required<Named>[] {
  const missing = names.find((name) => !Object.hasOwn(variant.options, name));
  const surplus = Object.keys(variant.options).find((name) => !names.includes(name));
  const foreign = [variant.price, variant.compareAtPrice].find((price) => price && price.currency !== currency);
  const negative = [variant.price, variant.compareAtPrice].find((price) => price && price.amount < 0);
  return [
    ...(missing === undefined ? [] : [{ field: `${field}.options`, message: `lacks a value for ${missing}` }]),
    ...(surplus === undefined ? [] : [{ field: `${field}.options`, message: `the product has no option ${surplus}` }]),
    ...(foreign ? [{ field: `${field}.price`, message: `the shop sells in ${currency}` }] : []),
    ...(negative ? [{ field: `${field}.price`, message: "is negative" }] : []),
    ...columnProblems(variant.cells),
  ];
}

interface Named extends Detail {
  field: string;
  message: string;
}

function repeats(variants: readonly VariantDraft[]): Named[] {
  const doubles = (keys: readonly string[]) => keys.findIndex((key, at) => keys.indexOf(key) < at);
  const sku = doubles(variants.map((variant) => variant.sku));
  const combination = doubles(variants.map(({ options }) => JSON.stringify(Object.entries(options).toSorted())));
  return [
    ...(sku < 0 ? [] : [{ field: `variants.${sku}.sku`, message: "is the SKU of another variant of the product" }]),
    ...(combination < 0 ? [] : [{ field: `variants.${combination}.options`, message: "another variant has the same" }]),
  ];
}

/** What a column that is understood would say is said in a field of its own. */
function columnProblems(cells: ProductDraft["cells"] = {}): Named[] {
  const own = Object.entries(cells).find(([column, cell]) => typeof cell === "string" && isUnderstood(column));
  return own ? [{ field: `extra.${own[0]}`, message: "is a field of its own" }] : [];
}
