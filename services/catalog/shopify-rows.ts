import { money } from "../../lib/money.ts";
import type { Status } from "./contract.ts";
import type { ProductDraft, VariantDraft } from "./draft.ts";
import { sanitiseHtml } from "./html.ts";
import {
  quoted,
  readCount,
  readFlag,
  readGrams,
  readLongText,
  readPrice,
  readText,
  readUrl,
  report,
  type Row,
} from "./shopify-cells.ts";
import type { Column } from "./shopify-columns.ts";
import { skuFor } from "./sku.ts";

const positions = [1, 2, 3, 4] as const;
const mostOptions = 3;
const mostTags = 250;
const statuses: Status[] = ["draft", "active", "archived", "unlisted"];
const TAX_CLASS = "Tax Class (product.metafields.brickwork.tax_class)";

/** What the first row of a product says about the product itself. `options` are the names, none for a single variant. */
export type ProductPart = Omit<ProductDraft, "options" | "images" | "variants"> & { options: string[] };

/** Reads the product's own columns of its first row. */
export function readProduct(row: Row): ProductPart {
  const title = readText(row, "Title");
  if (title === "") report(row, "Title", "is missing");
  return {
    handle: row.cell("Handle"),
    title,
    description: sanitiseHtml(readLongText(row, "Body (HTML)", 100_000)),
    vendor: readText(row, "Vendor"),
    category: readCategory(row),
    tags: readTags(row),
    status: readStatus(row),
    published: has(row, "Published") ? readFlag(row, "Published") : undefined,
    taxClass: has(row, TAX_CLASS) ? readText(row, TAX_CLASS, 40) || "standard" : undefined,
    options: readOptionNames(row),
  };
}

/** Reads and checks a handle: it is part of URLs. */
export function readHandle(row: Row): string {
  const handle = readText(row, "Handle");
  if (handle === "") report(row, "Handle", "is missing");
  else if (!/^[^\s/\\?#%<>"'`]+$/.test(handle) || /^\.+$/.test(handle))
    report(row, "Handle", `${quoted(handle)} cannot be part of a URL`);
  return handle.normalize("NFC");
}

function readCategory(row: Row): string {
  const leaf = readText(row, "Product Category").split(">").at(-1)?.trim();
  return readText(row, "Type") || readText(row, "Custom Product Type") || (leaf ?? "");
}

function readTags(row: Row): string[] {
  const list = readText(row, "Tags", 10_000).split(",");
  const tags = [...new Set(list.map((tag) => tag.trim()).filter((tag) => tag !== ""))];
  if (tags.length > mostTags) report(row, "Tags", `holds more than ${mostTags} tags`);
  if (tags.some((tag) => tag.length > 255)) report(row, "Tags", "holds a tag that is longer than 255 characters");
  return tags;
}

const has = ({ header }: Row, column: Column): boolean => header.position.has(column);

/** Without the column nothing is said. */
function readStatus(row: Row): Status | undefined {
  if (!has(row, "Status")) return undefined;
  const status = row.cell("Status").toLowerCase();
  const known = statuses.find((one) => one === (status || "active"));
  if (!known) report(row, "Status", `${quoted(row.cell("Status"))} is none of active, draft, archived and unlisted`);
  return known;
}

function readOptionNames(row: Row): string[] {
  const names = positions.map((position) => readText(row, `Option${position} Name`)).filter((name) => name !== "");
  const gap = positions.find((position) => position <= names.length && row.cell(`Option${position} Name`) === "");
  if (names.length > mostOptions) report(row, "Option4 Name", `a product has at most ${mostOptions} options`);
  else if (gap) report(row, `Option${gap} Name`, "is missing");
  else if (new Set(names).size < names.length) report(row, "Option2 Name", "two options have the same name");
  else if (names.includes("__proto__")) report(row, "Option1 Name", "__proto__ cannot name an option");
  return isDefaultTitle(row) && names.length === 1 && names[0] === "Title" ? [] : names;
}

const isDefaultTitle = (row: Row) => row.cell("Option1 Value").toLowerCase() === "default title";

/** Whether a further row of a product describes a variant; the others only add a picture. */
export function hasVariant(row: Row): boolean {
  const columns: Column[] = [...positions.map((position) => `Option${position} Value` as const), "Variant SKU", "Variant Price"];
  return columns.some((column) => row.cell(column) !== "");
}

/** Reads the variant of a row; `names` are the product's options. */
export function readVariant(row: Row, handle: string, names: string[], currency: string): VariantDraft {
  const values = readOptionValues(row, names);
  const price = readPrice(row, "Variant Price", currency);
  if (row.cell("Variant Price") === "") report(row, "Variant Price", "is missing");
  const compareAtPrice = readPrice(row, "Variant Compare At Price", currency);
  const tracked = readText(row, "Variant Inventory Tracker") !== "";
  const quantity = readCount(row, "Variant Inventory Qty");
  return {
    sku: readText(row, "Variant SKU", 100) || skuFor(handle, values),
    options: Object.fromEntries(names.map((name, at) => [name, values[at] ?? ""])),
    title: values.join(" / ") || "Default",
    price: price ?? money(0, currency),
    // Shopify writes 0.00 for "no former price" in some exports.
    ...(compareAtPrice && compareAtPrice.amount > 0 && { compareAtPrice }),
    tracked,
    quantity: tracked ? quantity : 0,
    policy: readPolicy(row),
    grams: readGrams(row, "Variant Grams"),
    requiresShipping: readFlag(row, "Variant Requires Shipping"),
    taxable: readFlag(row, "Variant Taxable"),
    barcode: readText(row, "Variant Barcode", 64),
    image: readUrl(row, "Variant Image"),
  };
}

function readOptionValues(row: Row, names: string[]): string[] {
  const surplus = positions.find((position) => position > names.length && row.cell(`Option${position} Value`) !== "");
  if (surplus && !(names.length === 0 && surplus === 1 && isDefaultTitle(row))) {
    report(row, `Option${surplus} Value`, "is the value of an option that the product does not have");
  }
  return positions.slice(0, names.length).map((position) => {
    const value = readText(row, `Option${position} Value`);
    if (value === "") report(row, `Option${position} Value`, "is missing");
    return value;
  });
}

function readPolicy(row: Row): VariantDraft["policy"] {
  const policy = row.cell("Variant Inventory Policy").toLowerCase();
  if (["", "deny", "false"].includes(policy)) return "deny";
  if (!["continue", "true"].includes(policy))
    report(row, "Variant Inventory Policy", `${quoted(policy)} is neither deny nor continue`);
  return "continue";
}

/** The picture of a row with its place among the product's pictures (last when the file gives none), if the row has one. */
export function readImage(row: Row): { url: string; alt: string; position: number } | undefined {
  const url = readUrl(row, "Image Src");
  if (row.cell("Image Src") === "") return undefined;
  return { url, alt: readLongText(row, "Image Alt Text", 512), position: readCount(row, "Image Position") || Infinity };
}
