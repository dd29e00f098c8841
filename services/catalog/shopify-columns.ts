/** The columns that are read, each with its name in Shopify's 2025 template. Every other column is ignored. */
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
} as const;

const required: Column[] = ["Handle", "Title", "Variant Price"];

/** A column by its name in Shopify's product export. */
export type Column = keyof typeof columns;

/** Which field of a record holds which column, and how the file itself spells the column. */
export interface Header {
  names: string[];
  position: ReadonlyMap<Column, number>;
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
  if (missing.length === 0) return { names, position };
  return { column: missing.join(", "), problem: `the header lacks the required columns: ${missing.join(", ")}` };
}

/** The trimmed text of one cell of a record, "" when the file has no such column. */
export function cellOf({ position }: Header, fields: string[], column: Column): string {
  const at = position.get(column);
  return at === undefined ? "" : (fields[at] ?? "").trim();
}

/** How the file spells a column. */
export function spellingOf({ names, position }: Header, column: Column): string {
  return names[position.get(column) ?? -1] ?? column;
}
