import { type ImportEntry, readShopifyCsv } from "./shopify-csv.ts";

const columns = [
  "Handle",
  "Title",
  "Option1 Name",
  "Option1 Value",
  "Variant SKU",
  "Variant Inventory Tracker",
  "Variant Inventory Qty",
];
export const header = [...columns, "Variant Price", "Image Src"].join(",");

/** One row from the cells that matter, in the order of `header`. */
export const row = (
  handle: string,
  title = "",
  option = "",
  value = "",
  price = "",
  rest: { sku?: string; tracker?: string; quantity?: string; image?: string } = {},
) => [handle, title, option, value, rest.sku ?? "", rest.tracker ?? "", rest.quantity ?? "", price, rest.image ?? ""].join(",");
export const mug = row("mug", "Mug", "Title", "Default Title", "9.50");

async function* inPieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function readAll(source: AsyncIterable<Uint8Array>): Promise<ImportEntry[]> {
  const entries: ImportEntry[] = [];
  for await (const entry of readShopifyCsv(source, { currency: "EUR" })) entries.push(entry);
  return entries;
}
export const readBytes = (bytes: Uint8Array, size = 1 << 16) => readAll(inPieces(bytes, size));
export const read = (...lines: string[]) => readBytes(Buffer.from(lines.join("\n")));
export const readRows = (...rows: string[]) => read(header, ...rows);

export const draftsOf = (entries: ImportEntry[]) => entries.flatMap((entry) => (entry.kind === "product" ? [entry.draft] : []));
export const errorsOf = (entries: ImportEntry[]) => entries.flatMap((entry) => (entry.kind === "error" ? [entry] : []));
export const summaryOf = (entries: ImportEntry[]) =>
  entries.map((entry) =>
    entry.kind === "product"
      ? `${entry.draft.handle}: ${entry.draft.variants.map(({ title }) => title).join(", ")}`
      : `${entry.line} ${entry.column}`,
  );
