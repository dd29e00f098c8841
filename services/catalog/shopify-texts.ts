import { decimals, type Money } from "../../lib/money.ts";
import type { Texts } from "./cells.ts";
import type { ProductDraft, VariantDraft } from "./draft.ts";
import type { Column } from "./shopify-columns.ts";

type Written = Partial<Record<Column, string>>;

interface Product extends Pick<ProductDraft, "title" | "vendor" | "category" | "tags" | "status" | "published" | "taxClass"> {
  readonly optionNames: readonly string[];
}

/** A product's own cells as an export writes them, without its description. What is not said has no cell. */
export function productTexts({ title, vendor, category, tags, status, published, taxClass, optionNames }: Product): Texts {
  const names = optionNames.length > 0 ? optionNames : ["Title"];
  const texts: Written = {
    Title: title,
    Vendor: vendor,
    Type: category,
    Tags: tags.join(", "),
    ...(published !== undefined && { Published: String(published) }),
    ...(status !== undefined && { Status: status }),
    ...(taxClass !== undefined && {
      "Tax Class (product.metafields.brickwork.tax_class)": taxClass === "standard" ? "" : taxClass,
    }),
    "Option1 Name": names[0] ?? "",
    "Option2 Name": names[1] ?? "",
    "Option3 Name": names[2] ?? "",
  };
  return texts;
}

/** A variant's cells as an export writes them. */
export function variantTexts(variant: VariantDraft, optionNames: readonly string[]): Texts {
  const values = optionNames.length > 0 ? optionNames.map((name) => variant.options[name] ?? "") : ["Default Title"];
  const texts: Written = {
    "Option1 Value": values[0] ?? "",
    "Option2 Value": values[1] ?? "",
    "Option3 Value": values[2] ?? "",
    "Variant SKU": variant.sku,
    "Variant Grams": String(variant.grams),
    "Variant Inventory Tracker": variant.tracked ? "shopify" : "",
    "Variant Inventory Qty": String(variant.quantity),
    "Variant Inventory Policy": variant.policy,
    "Variant Price": decimal(variant.price),
    "Variant Compare At Price": variant.compareAtPrice ? decimal(variant.compareAtPrice) : "",
    "Variant Requires Shipping": String(variant.requiresShipping),
    "Variant Taxable": String(variant.taxable),
    "Variant Barcode": variant.barcode,
    "Variant Image": variant.image,
  };
  return texts;
}

/** An image's cells; `place` counts from 1. */
export function imageTexts({ url, alt }: { readonly url: string; readonly alt: string }, place: number): Texts {
  const texts: Written = { "Image Src": url, "Image Position": String(place), "Image Alt Text": alt };
  return texts;
}

function decimal({ amount, currency }: Money): string {
  const places = decimals(currency);
  return (amount / 10 ** places).toFixed(places);
}
