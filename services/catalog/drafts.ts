import { newId } from "../../lib/ids.ts";
import { type Cells, mergeCells } from "./cells.ts";
import type { ProductDraft, VariantDraft } from "./draft.ts";
import { type Facet, facetsOf } from "./facets.ts";
import { categoryPath, type CategoryRow, searchTextOf, titleKeyOf } from "./model.ts";
import type { ProductRow, VariantRow } from "./product-store.ts";

/** What a product will have on sale when it is written: variants that the draft does not name may stay. */
export interface OnSale {
  readonly skus: readonly string[];
  readonly options: readonly (readonly [name: string, value: string])[];
}

/** What of a product its draft may be silent about. */
export interface Known extends OnSale {
  readonly cells: Cells;
}

/** The categories of several products, each once, parents before children. */
export function categoriesOf(drafts: readonly ProductDraft[]): CategoryRow[] {
  const all = drafts.flatMap(({ category }) => categoryPath(category));
  return [...new Map(all.map((category) => [category.id, category])).values()];
}

/** A product as the database keeps it, but for the ids of its facets. The id is for the case that its handle is new. */
export function productRow(draft: ProductDraft, known: Known): Omit<ProductRow, "facets" | "facetSets"> & { facets: Facet[] } {
  const { handle, title, description, vendor, category, tags, published, status, taxClass } = draft;
  const { images, options, variants } = draft;
  const cells = mergeCells(known.cells, draft.cells ?? {});
  return {
    id: newId("prod"),
    handle,
    title,
    description,
    vendor,
    category,
    categoryId: categoryPath(category).at(-1)?.id ?? null,
    tags,
    status: status ?? null,
    isListed: published ?? null,
    taxClass: taxClass ?? null,
    cells,
    images,
    optionNames: options.map(({ name }) => name),
    priceAmount: Math.min(...variants.map(({ price }) => price.amount)),
    currency: variants[0]!.price.currency,
    titleKey: titleKeyOf(title),
    search: searchTextOf({ title, tags, vendor, category, skus: known.skus.toSorted() }),
    facets: facetsOf({ vendor, tags, cells }, known.options),
  };
}

/** The variants of a product as the database keeps them. */
export const variantRows = (draft: ProductDraft): VariantRow[] =>
  draft.variants.map((variant, position) => variantRow(draft, variant, position));

function variantRow({ handle, title: productTitle, images }: ProductDraft, variant: VariantDraft, position: number): VariantRow {
  const {
    sku,
    title,
    options,
    price,
    compareAtPrice,
    image,
    grams,
    requiresShipping,
    taxable,
    barcode,
    tracked,
    policy,
    quantity,
    cells = {},
  } = variant;
  const alt = images.find(({ url }) => url === image)?.alt ?? productTitle;
  return {
    id: newId("var"),
    handle,
    sku,
    title,
    options,
    position,
    priceAmount: price.amount,
    compareAtAmount: compareAtPrice?.amount ?? null,
    image: image === "" ? null : { url: image, alt },
    grams,
    requiresShipping,
    isTaxable: taxable,
    barcode,
    isTracked: tracked,
    policy,
    quantity,
    cells,
  };
}
