import type { Tx } from "../../lib/database.ts";
import { fault } from "../../lib/fault.ts";
import { checkDraft } from "./draft-rules.ts";
import type { ProductDraft } from "./draft.ts";
import { draftOf, viewOf } from "./full-product.ts";
import { type FullProductRow, readFull, readFullOf } from "./full-store.ts";
import { lockProducts } from "./product-store.ts";
import { upsertProducts } from "./upsert-products.ts";

interface Target {
  readonly id: string;
  /** The version that the change was made for. */
  readonly version?: number | undefined;
  readonly currency: string;
}

/**
 * Changes a product as a whole: writers of products take turns, so nobody's change is lost between reading and writing. Answers it
 * as it is then. Throws the faults `not_found`, `conflict` and `invalid`.
 */
export async function change(
  tx: Tx,
  { id, version, currency }: Target,
  edit: (draft: ProductDraft, row: FullProductRow) => ProductDraft,
) {
  await lockProducts(tx);
  const row = await readFull(tx, id);
  if (!row) throw fault("not_found");
  if (version !== undefined && version !== row.version) {
    const details = [{ field: "version", message: `is ${row.version} by now`, version: row.version }];
    throw fault("conflict", "The product has been changed meanwhile.", { details });
  }
  return write(tx, edit(draftOf(row), row), currency);
}

/** Writes a product that is sound. Throws the faults `invalid` and, for a SKU of another product, `conflict`. */
export async function write(tx: Tx, draft: ProductDraft, currency: string) {
  checkDraft(draft, currency);
  const { taken } = await upsertProducts(tx, [{ draft }]);
  const [clash] = taken;
  if (clash) {
    const message = `The SKU ${clash.sku} belongs to the product ${clash.owner}.`;
    throw fault("conflict", message, { details: [{ field: "sku", message, sku: clash.sku }] });
  }
  return viewOf((await readFullOf(tx, draft.handle))!);
}
