import { extraOf, type Texts, textsOf } from "./cells.ts";
import type { ProductDraft } from "./draft.ts";
import type { Column } from "./shopify-columns.ts";
import { imageTexts, productTexts, variantTexts } from "./shopify-texts.ts";

/** The columns of Shopify's product export in their order, before those that only this catalogue has. */
const standard = [
  "Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published",
  "Option1 Name", "Option1 Value", "Option1 Linked To", "Option2 Name", "Option2 Value", "Option2 Linked To",
  "Option3 Name", "Option3 Value", "Option3 Linked To",
  "Variant SKU", "Variant Grams", "Variant Inventory Tracker", "Variant Inventory Qty", "Variant Inventory Policy",
  "Variant Fulfillment Service", "Variant Price", "Variant Compare At Price", "Variant Requires Shipping", "Variant Taxable",
  "Unit Price Total Measure", "Unit Price Total Measure Unit", "Unit Price Base Measure", "Unit Price Base Measure Unit",
  "Variant Barcode", "Image Src", "Image Position", "Image Alt Text", "Gift Card", "SEO Title", "SEO Description",
  "Variant Image", "Variant Weight Unit", "Variant Tax Code", "Cost per item", "Status",
  "Tax Class (product.metafields.brickwork.tax_class)",
] as const; // prettier-ignore

/** All columns of an export. */
export const exportColumns = (extra: readonly string[]): string[] => [...new Set<string>([...standard, ...extra])];

/** The rows of a product, as texts by column: one for each variant, with the images beside them, then one for each image that is left. */
export function exportRows(draft: ProductDraft): Texts[] {
  const names = draft.options.map(({ name }) => name);
  const { variants, images, handle } = draft;
  const length = Math.max(variants.length, images.length);
  return Array.from({ length }, (_, at) => {
    const [variant, image] = [variants[at], images[at]];
    const ofVariant = variant && textsOf(variant.cells ?? {}, variantTexts(variant, names));
    const ofImage = image && { ...extraOf(image.cells ?? {}), ...imageTexts(image, at + 1) };
    return { ...ofImage, ...ofVariant, ...(at === 0 && ownTexts(draft, names)), Handle: handle };
  });
}

function ownTexts(draft: ProductDraft, optionNames: readonly string[]): Texts {
  const body: Partial<Record<Column, string>> = { "Body (HTML)": draft.description };
  return { ...body, ...textsOf(draft.cells ?? {}, productTexts({ ...draft, optionNames })) };
}

/** One line of CSV. What Excel or a reader could take for anything else than text is in quotes. */
export const csvLine = (fields: readonly string[]): string => `${fields.map(quoted).join(",")}\r\n`;

const quoted = (text: string): string => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

export const rowLine = (texts: Texts, columns: readonly string[]): string =>
  csvLine(columns.map((column) => (Object.hasOwn(texts, column) ? texts[column]! : "")));
