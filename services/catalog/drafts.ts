import { newId } from "../../lib/ids.ts";
import type { ProductDraft, VariantDraft } from "./draft.ts";
import { categoryPath, type CategoryRow, searchTextOf, titleKeyOf } from "./model.ts";
import type { ProductRow, VariantRow } from "./product-store.ts";

/** The categories of several products, each once, parents before children. */
export function categoriesOf(drafts: readonly ProductDraft[]): CategoryRow[] {
  const all = drafts.flatMap(({ category }) => categoryPath(category));
  return [...new Map(all.map((category) => [category.id, category])).values()];
}

/** A product as the database keeps it. The id is for the case that its handle is new; `skus` are all that it will have on sale. */
export function productRow(draft: ProductDraft, skus: readonly string[]): ProductRow {
  const { handle, title, description, vendor, category, tags, published, images, options, variants } = draft;
  return {
    id: newId("prod"),
    handle,
    title,
    description,
    vendor,
    category,
    categoryId: categoryPath(category).at(-1)?.id ?? null,
    tags,
    isPublished: published,
    images,
    optionNames: options.map(({ name }) => name),
    priceAmount: Math.min(...variants.map(({ price }) => price.amount)),
    currency: variants[0]!.price.currency,
    titleKey: titleKeyOf(title),
    search: searchTextOf({ title, tags, vendor, category, skus: skus.toSorted() }),
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
  };
}
