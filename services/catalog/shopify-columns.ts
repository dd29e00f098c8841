/** The columns that are understood, each with its name in Shopify's 2025 template. Of every other column the text is kept as it is. */
const columns = {
  Handle: "URL handle",
  Title: "Title",
  "Body (HTML)": "Description",
  Vendor: "Vendor",
  Type: "Type",
  "Custom Product Type": "Custom product type",
  "Product Category": "Product category",
  Tags: "Tags",
  Published: "Published on online store",
  Status: "Status",
  "Option1 Name": "Option1 name",
  "Option1 Value": "Option1 value",
  "Option2 Name": "Option2 name",
  "Option2 Value": "Option2 value",
  "Option3 Name": "Option3 name",
  "Option3 Value": "Option3 value",
  "Option4 Name": "Option4 name",
  "Option4 Value": "Option4 value",
  "Variant SKU": "SKU",
  "Variant Grams": "Weight value (grams)",
  "Variant Inventory Tracker": "Inventory tracker",
  "Variant Inventory Qty": "Inventory quantity",
  "Variant Inventory Policy": "Continue selling when out of stock",
  "Variant Price": "Price",
  "Variant Compare At Price": "Compare-at price",
  "Variant Requires Shipping": "Requires shipping",
  "Variant Taxable": "Charge tax",
  "Variant Barcode": "Barcode",
  "Variant Image": "Variant image URL",
  "Image Src": "Product image URL",
  "Image Position": "Image position",
  "Image Alt Text": "Image alt text",
  "Tax Class (product.metafields.brickwork.tax_class)": "Tax class (product.metafields.brickwork.tax_class)",
} as const;

/** Names of the 2025 template for columns whose text is only kept, and what Shopify's export calls them. */
const aliases: Readonly<Record<string, string>> = {
  "Gift card": "Gift Card",
  "SEO title": "SEO Title",
  "SEO description": "SEO Description",
  "Fulfillment service": "Variant Fulfillment Service",
  "Weight unit for display": "Variant Weight Unit",
  "Tax code": "Variant Tax Code",
  "Unit price total measure": "Unit Price Total Measure",
  "Unit price total measure unit": "Unit Price Total Measure Unit",
  "Unit price base measure": "Unit Price Base Measure",
  "Unit price base measure unit": "Unit Price Base Measure Unit",
  "Google Shopping / Google product category": "Google Shopping / Google Product Category",
  "Google Shopping / Age group": "Google Shopping / Age Group",
  "Google Shopping / Manufacturer part number (MPN)": "Google Shopping / MPN",
  "Google Shopping / Ad group name": "Google Shopping / AdWords Grouping",
  "Google Shopping / Ads labels": "Google Shopping / AdWords Labels",
  "Google Shopping / Custom product": "Google Shopping / Custom Product",
  "Google Shopping / Custom label 0": "Google Shopping / Custom Label 0",
  "Google Shopping / Custom label 1": "Google Shopping / Custom Label 1",
  "Google Shopping / Custom label 2": "Google Shopping / Custom Label 2",
  "Google Shopping / Custom label 3": "Google Shopping / Custom Label 3",
  "Google Shopping / Custom label 4": "Google Shopping / Custom Label 4",
};

/** Understood where there is nothing better, but not kept in other words: their text is. */
const kept = new Set<string>(["Product Category", "Custom Product Type"] satisfies Column[]);

/** Whether what a column says is kept in other words than its own. */
export const isUnderstood = (column: string): boolean => Object.hasOwn(columns, column) && !kept.has(column);

/** Whether a column whose text is kept is about the variant of its row, and not about the product. */
const isAboutVariant = (column: string): boolean =>
  /^(Variant |Cost per item|Unit Price |Price \/ |Compare At Price \/ )|\(variant\.metafields\./.test(column);

const required: Column[] = ["Handle", "Title", "Variant Price"];

/** A column by its name in Shopify's product export. */
export type Column = keyof typeof columns;

/** Which field of a record holds which column, and how the file itself spells the column. */
export interface Header {
  names: string[];
  position: ReadonlyMap<Column, number>;
  /** Every column, by the name that Shopify's export has for it. */
  all: readonly NamedColumn[];
}

interface NamedColumn {
  column: string;
  at: number;
  /** What it is about when only its text is kept. */
  kind: "understood" | "product" | "variant";
}

/** Reads the header. The order of columns is free; names count exactly as Shopify writes them. */
export function readHeader(names: string[]): Header | { column: string; problem: string } {
  const entries = Object.entries(columns).flatMap(([column, newName]) => {
    const spelling = names.includes(column) ? column : newName;
    const at = names.indexOf(spelling);
    return at < 0 ? [] : [{ column: column as Column, spelling, at, isTwice: names.indexOf(spelling, at + 1) >= 0 }];
  });
  const twice = entries.find(({ isTwice }) => isTwice);
  if (twice) return { column: twice.spelling, problem: `the header names the column ${twice.spelling} twice` };

  const position = new Map(entries.map(({ column, at }) => [column, at]));
  const missing = required.filter((column) => !position.has(column));
  if (missing.length === 0) return { names, position, all: allColumns(names, position) };
  return { column: missing.join(", "), problem: `the header lacks the required columns: ${missing.join(", ")}` };
}

function allColumns(names: string[], position: ReadonlyMap<Column, number>): NamedColumn[] {
  const understood = new Map([...position].map(([column, at]) => [at, column]));
  const named = names.map((name, at): NamedColumn => {
    const column = understood.get(at) ?? (Object.hasOwn(aliases, name) ? aliases[name]! : name);
    const isRead = understood.has(at) && !kept.has(column);
    return { column, at, kind: isRead ? "understood" : isAboutVariant(column) ? "variant" : "product" };
  });
  // Of two columns with one name the first counts.
  const first = new Map(named.toReversed().map((one) => [one.column, one]));
  return [...first.values()].filter(({ column }) => column.trim() !== "");
}

/** The trimmed text of one cell of a record, "" when the file has no such column. */
export function cellOf({ position }: Header, fields: string[], column: Column): string {
  const at = position.get(column);
  return at === undefined ? "" : (fields[at] ?? "").trim();
}

/** How the file spells a column. */
export function spellingOf({ names, all }: Header, column: string): string {
  return names[all.find((one) => one.column === column)?.at ?? -1] ?? column;
}
