import type { Output } from "../../lib/contract.ts";
import { money } from "../../lib/money.ts";
import { extraOf } from "./cells.ts";
import type { getFullProduct } from "./contract.ts";
import type { ProductDraft, VariantDraft } from "./draft.ts";
import type { FullProductRow, FullVariantRow } from "./full-store.ts";

type FullProduct = Output<typeof getFullProduct>;

const onSale = ({ variants }: Pick<FullProductRow, "variants">) => variants.filter(({ isArchived }) => !isArchived);

const optionsOf = (row: FullProductRow) =>
  row.optionNames.map((name) => ({ name, values: [...new Set(onSale(row).flatMap(({ options }) => options[name] ?? []))] }));

/** A product as the administration sees it. */
export function viewOf(row: FullProductRow): FullProduct {
  const { isListed, optionNames: _, currency, cells, variants, images, ...rest } = row;
  return {
    ...rest,
    published: isListed,
    images: images.map(imageOf),
    options: optionsOf(row),
    extra: extraOf(cells),
    variants: variants.map((variant) => variantOf(variant, currency)),
  };
}

const imageOf = ({ url, alt }: FullProductRow["images"][number]) => ({ url, alt });

function variantOf({ priceAmount, compareAtAmount, cells, image, ...rest }: FullVariantRow, currency: string) {
  return {
    ...rest,
    price: money(priceAmount, currency),
    compareAtPrice: compareAtAmount === null ? null : money(compareAtAmount, currency),
    image: image && imageOf(image),
    extra: extraOf(cells),
  };
}

/** A product as it would be written again: with nothing changed, this changes nothing. */
export function draftOf(row: FullProductRow): ProductDraft {
  const { handle, title, description, vendor, category, tags, status, isListed, taxClass, images, cells, currency } = row;
  return {
    handle,
    title,
    description,
    vendor,
    category,
    tags,
    status,
    taxClass,
    images,
    cells,
    published: isListed,
    options: optionsOf(row),
    variants: onSale(row).map((variant) => variantDraft(variant, currency)),
  };
}

function variantDraft(row: FullVariantRow, currency: string): VariantDraft {
  const { sku, options, title, priceAmount, compareAtAmount, isTracked, quantity, policy, grams, requiresShipping } = row;
  return {
    sku,
    options,
    title,
    quantity,
    policy,
    grams,
    requiresShipping,
    price: money(priceAmount, currency),
    ...(compareAtAmount !== null && { compareAtPrice: money(compareAtAmount, currency) }),
    tracked: isTracked,
    taxable: row.isTaxable,
    barcode: row.barcode,
    image: row.image?.url ?? "",
    cells: row.cells,
  };
}
