import type { NewVariant } from "./contract.ts";
import type { VariantDraft } from "./draft.ts";
import { skuFor } from "./sku.ts";

interface Product {
  readonly handle: string;
  /** Of its options, in their order. */
  readonly names: readonly string[];
}

const valuesOf = (options: Readonly<Record<string, string>>, names: readonly string[]): string[] =>
  names.flatMap((name) => options[name] ?? []);

/** "Red / Large", or "Default". */
const titleOf = (options: Readonly<Record<string, string>>, names: readonly string[]): string =>
  valuesOf(options, names).join(" / ") || "Default";

/** A variant as it is written, of what an administrator says of a new one. */
export function newVariant(said: NewVariant, { handle, names }: Product): VariantDraft {
  const { sku, compareAtPrice, image, isTracked, isTaxable, extra, quantity, ...rest } = said;
  return {
    ...rest,
    sku: sku ?? skuFor(handle, valuesOf(said.options, names)),
    title: titleOf(said.options, names),
    ...(compareAtPrice && { compareAtPrice }),
    image: image ?? "",
    tracked: isTracked,
    quantity: isTracked ? quantity : 0,
    taxable: isTaxable,
    cells: extra,
  };
}

/** The fields that were said at all. */
export const given = <T extends object>(said: T) =>
  Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

type Changes = { readonly [K in keyof Omit<NewVariant, "sku" | "quantity">]?: NewVariant[K] | undefined };

/** A variant with what an administrator changes of it. */
export function changedVariant(variant: VariantDraft, changes: Changes, names: readonly string[]): VariantDraft {
  const { compareAtPrice, image, isTracked, isTaxable, extra, ...said } = changes;
  const { compareAtPrice: before, ...rest } = variant;
  const former = compareAtPrice === undefined ? before : compareAtPrice;
  const options = said.options ?? variant.options;
  return {
    ...rest,
    ...given(said),
    title: titleOf(options, names),
    ...(former && { compareAtPrice: former }),
    image: image === undefined ? variant.image : (image ?? ""),
    tracked: isTracked ?? variant.tracked,
    taxable: isTaxable ?? variant.taxable,
    cells: { ...variant.cells, ...extra },
  };
}
