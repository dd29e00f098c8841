import { noteCells } from "./cells.ts";
import type { DraftImage, VariantDraft } from "./draft.ts";
import { report, type Row } from "./shopify-cells.ts";
import type { ProductPart } from "./shopify-rows.ts";
import { productTexts, variantTexts } from "./shopify-texts.ts";

const LONGEST = 100_000;

/** Reports what cannot be kept of the cells that are not understood. */
export function checkKept(row: Row): void {
  for (const { column, at, kind } of row.header.all) {
    if (kind === "understood") continue;
    const text = row.fields[at] ?? "";
    if (text.includes("\0")) report(row, column, "holds control characters");
    if (text.length > LONGEST) report(row, column, `is longer than ${LONGEST} characters`);
  }
}

/** Adds the cells of a product's first row that are about the product. */
export function noteProduct<P extends ProductPart>(row: Row, product: P): P {
  const texts = productTexts({ ...product, optionNames: product.options });
  return { ...product, cells: noteCells(cellsOf(row, texts, ["product"]), texts) };
}

/** Adds the cells of a variant's row: on the first one those about the product are not among them. */
export function noteVariant(
  row: Row,
  variant: VariantDraft,
  { names, isFirst }: { names: readonly string[]; isFirst: boolean },
): VariantDraft {
  const texts = variantTexts(variant, names);
  return { ...variant, cells: noteCells(cellsOf(row, texts, isFirst ? ["variant"] : ["variant", "product"]), texts) };
}

/** Adds the cells of a row that has nothing but an image. */
export function noteImage<I extends DraftImage>(row: Row, image: I): I {
  const cells = noteCells(
    cellsOf(row, {}, ["variant", "product"]).filter(({ text }) => text !== ""),
    {},
  );
  return Object.keys(cells).length > 0 ? { ...image, cells } : image;
}

function cellsOf({ header, fields }: Row, texts: Readonly<Record<string, string>>, kinds: readonly string[]) {
  const mine = header.all.filter(({ column, kind }) => kinds.includes(kind) || Object.hasOwn(texts, column));
  return mine.map(({ column, at }) => ({ column, text: (fields[at] ?? "").trim() }));
}
