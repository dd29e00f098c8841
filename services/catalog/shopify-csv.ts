import type { Readable } from "node:stream";

import { physicalLines } from "./csv-lines.ts";
import { type CsvProblem, csvRecords } from "./csv-records.ts";
import type { DraftImage, ProductDraft, VariantDraft } from "./draft.ts";
import { quoted, report, type Row, rowOf } from "./shopify-cells.ts";
import { type Header, readHeader, spellingOf } from "./shopify-columns.ts";
import { checkKept, noteImage, noteProduct, noteVariant } from "./shopify-notes.ts";
import { hasVariant, type ProductPart, readHandle, readImage, readProduct, readVariant } from "./shopify-rows.ts";

/** What comes out of a file: a product at the line of its first row, or one error for one bad line. */
export type ImportEntry =
  | { kind: "product"; draft: ProductDraft; line: number }
  | {
      kind: "error";
      line: number;
      /** "" when it is about the whole row. */
      column: string;
      message: string;
      handle?: string;
      /** How many variants of the file do not come in because of this. */
      variantsLost: number;
    };
type ImportError = Extract<ImportEntry, { kind: "error" }>;

/** The product that is being read. Without `product` its first row was bad, and its variants are only counted. */
interface Group {
  handle: string;
  line: number;
  product: ProductPart | undefined;
  error: ImportError | undefined;
  images: (DraftImage & { position: number })[];
  variants: VariantDraft[];
  combinations: Set<string>;
}

interface Reading {
  currency: string;
  header: Header;
  group: Group | undefined;
  finished: Set<string>;
  skus: Set<string>;
}

const mostVariants = 2048;
const mostImages = 250;

/**
 * Reads Shopify's product CSV, old and new, as a stream. Holds one product at a time, besides all handles and SKUs seen. Never
 * throws because of what the file says: a bad row is an error entry and costs its own variant; a bad first row costs its
 * product. Throws what the source throws.
 */
export async function* readShopifyCsv(
  source: AsyncIterable<Uint8Array> | Readable,
  { currency }: { currency: string },
): AsyncGenerator<ImportEntry> {
  let reading: Reading | undefined;
  for await (const record of csvRecords(physicalLines(source))) {
    if ("problem" in record) {
      if (record.fatal && reading) yield* finish(reading);
      yield recordError(record, reading?.header);
      if (record.fatal) return;
    } else if (reading) {
      yield* takeRow(reading, record.line, record.fields);
    } else {
      const header = readHeader(record.fields);
      if ("problem" in header) return yield headerError(header.column, header.problem);
      reading = { currency, header, group: undefined, finished: new Set(), skus: new Set() };
    }
  }
  if (!reading) return yield headerError("", "the file is empty");
  yield* finish(reading);
}

const headerError = (column: string, message: string): ImportError => ({
  kind: "error",
  line: 1,
  column,
  message,
  variantsLost: 0,
});

function recordError({ line, problem, index, fatal }: CsvProblem, header: Header | undefined): ImportError {
  const column = header?.names[index ?? -1] ?? "";
  return { kind: "error", line, column, message: problem, variantsLost: header && !fatal ? 1 : 0 };
}

function takeRow(reading: Reading, line: number, fields: string[]): ImportEntry[] {
  // Spreadsheets leave rows of nothing but commas behind.
  if (fields.every((field) => field.trim() === "")) return [];
  const row = rowOf(reading.header, fields);
  const handle = readHandle(row);
  if (row.problems.length > 0) return [rowError(reading, row, line, "", hasVariant(row))];
  checkKept(row);
  if (reading.group?.handle === handle) return takeFurtherRow(reading, reading.group, row, line);

  const done = finish(reading);
  if (!reading.finished.has(handle)) return [...done, ...takeFirstRow(reading, row, line, handle)];
  report(row, "Handle", `${quoted(handle)} was finished further up: the rows of a product must follow each other`);
  return [...done, rowError(reading, row, line, handle, hasVariant(row))];
}

function takeFirstRow(reading: Reading, row: Row, line: number, handle: string): ImportEntry[] {
  const product = noteProduct(row, { ...readProduct(row), handle });
  const isGood = row.problems.length === 0;
  const error = isGood ? undefined : rowError(reading, row, line, handle, true);
  reading.group = {
    handle,
    line,
    product: isGood ? product : undefined,
    error,
    images: [],
    variants: [],
    combinations: new Set(),
  };
  return isGood ? takeParts(reading, reading.group, product, row, line, true) : [];
}

function takeFurtherRow(reading: Reading, group: Group, row: Row, line: number): ImportEntry[] {
  const isVariant = hasVariant(row);
  if (group.product) return takeParts(reading, group, group.product, row, line, isVariant);
  if (isVariant && group.error) group.error.variantsLost += 1;
  return [];
}

function takeParts(
  reading: Reading,
  group: Group,
  product: ProductPart,
  row: Row,
  line: number,
  isVariant: boolean,
): ImportEntry[] {
  const read = isVariant ? readVariant(row, group.handle, product.options, reading.currency) : undefined;
  const variant = read && noteVariant(row, read, { names: product.options, isFirst: line === group.line });
  if (variant) checkVariant(reading, group, row, variant);
  const isVariantBad = row.problems.length > 0;
  if (variant && !isVariantBad) {
    group.variants.push(variant);
    group.combinations.add(combinationOf(variant));
    reading.skus.add(variant.sku);
  }
  const isImageBad = !takeImage(group, row, isVariant);
  return isVariantBad || isImageBad ? [rowError(reading, row, line, group.handle, isVariantBad)] : [];
}

const combinationOf = (variant: VariantDraft) => JSON.stringify(Object.values(variant.options));

function checkVariant(reading: Reading, group: Group, row: Row, variant: VariantDraft): void {
  if (row.problems.length > 0) return;
  if (group.combinations.has(combinationOf(variant))) {
    report(row, "Option1 Value", `another variant of the product is already ${quoted(variant.title)}`);
  } else if (reading.skus.has(variant.sku)) {
    report(row, "Variant SKU", `${quoted(variant.sku)} is the SKU of a variant further up`);
  } else if (group.variants.length >= mostVariants) {
    report(row, "Handle", `a product has at most ${mostVariants} variants`);
  }
}

/** Adds the picture of the row; false when there is something wrong with it. */
function takeImage(group: Group, row: Row, isVariant: boolean): boolean {
  const before = row.problems.length;
  const image = readImage(row);
  if (!image && !isVariant) report(row, "Image Src", "the row has neither a variant nor a picture");
  if (group.images.length >= mostImages) report(row, "Image Src", `a product has at most ${mostImages} pictures`);
  if (row.problems.length > before) return false;
  if (image && !group.images.some(({ url }) => url === image.url)) group.images.push(isVariant ? image : noteImage(row, image));
  return true;
}

function rowError(reading: Reading, row: Row, line: number, handle: string, isVariantLost: boolean): ImportError {
  const [first, ...others] = row.problems.map(({ column, message }) => ({ column: spellingOf(reading.header, column), message }));
  const also = others.map(({ column, message }) => `; ${column} ${message}`).join("");
  const message = `${first?.column} ${first?.message}${also}`;
  const variantsLost = isVariantLost ? 1 : 0;
  return { kind: "error", line, column: first?.column ?? "", message, ...(handle && { handle }), variantsLost };
}

/** Ends the product that is being read: the product if any of its variants is good, or the error of its first row. */
function finish(reading: Reading): ImportEntry[] {
  const { group } = reading;
  if (!group) return [];
  reading.group = undefined;
  reading.finished.add(group.handle);
  if (group.error) return [group.error];
  if (!group.product || group.variants.length === 0) return [];
  return [{ kind: "product", draft: draftOf(group, group.product), line: group.line }];
}

function draftOf({ images, variants }: Group, product: ProductPart): ProductDraft {
  const valuesOf = (name: string) => [...new Set(variants.flatMap(({ options }) => options[name] ?? []))];
  return {
    ...product,
    options: product.options.map((name) => ({ name, values: valuesOf(name) })),
    images: images
      .toSorted((a, b) => (a.position === b.position ? 0 : a.position - b.position))
      .map(({ position: _, ...image }) => image),
    variants,
  };
}
