import { isDatabaseDown } from "../../lib/database.ts";
import { errorFields } from "../../lib/log.ts";
import type { Resources } from "../../lib/service.ts";
import { batchesOf, type Item } from "./import-batches.ts";
import * as store from "./import-store.ts";
import { readShopifyCsv } from "./shopify-csv.ts";
import { upsertProducts } from "./upsert-products.ts";

/** Another node works on the import now. */
export class LeaseLost extends Error {}

interface File {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** From 0 to 1. */
  readonly progress: () => number;
}

/**
 * Reads the file of an import from where it was left, and writes what it says. Each batch commits together with the counters,
 * so that a crash costs nothing and counts nothing twice. False when the service stops in between.
 */
export async function readFile(r: Resources, lease: store.Lease, stopping: AbortSignal): Promise<boolean> {
  const file = await openFile(r, lease);
  const entries = readShopifyCsv(file.bytes, { currency: r.config.currency });
  for await (const batch of batchesOf(entries, lease.entries)) {
    if (stopping.aborted) return false;
    await write(r, lease, batch, file.progress());
  }
  return true;
}

const SLICE = 65_536;

async function openFile({ db }: Resources, lease: store.Lease): Promise<File> {
  const { size, pieces } = await store.measureUpload(db.sql, lease.upload);
  let given = 0;
  async function* bytes() {
    for (let place = 0; place < pieces; place++) {
      if (!(await store.renewLease(db.sql, lease))) throw new LeaseLost();
      const piece = await store.readPiece(db.sql, lease.upload, place);
      for (let from = 0; from < piece.length; from += SLICE) {
        const slice = piece.subarray(from, from + SLICE);
        given += slice.length;
        yield slice;
      }
    }
  }
  return { bytes: bytes(), progress: () => (size === 0 ? 1 : given / size) };
}

async function write(r: Resources, lease: store.Lease, batch: Item[], progress: number): Promise<void> {
  try {
    await commit(r, lease, batch, progress);
  } catch (error) {
    if (error instanceof LeaseLost || isDatabaseDown(error)) throw error;
    r.log.error("a batch of an import could not be stored", { import: lease.id, ...errorFields(error) });
    // One bad product must not keep the others out.
    for (const item of batch) await writeOne(r, lease, item, progress);
  }
}

async function writeOne(r: Resources, lease: store.Lease, item: Item, progress: number): Promise<void> {
  try {
    await commit(r, lease, [item], progress);
  } catch (error) {
    if (error instanceof LeaseLost || isDatabaseDown(error) || item.kind === "error") throw error;
    const { place, line, draft } = item;
    const message = `the product ${JSON.stringify(draft.handle)} could not be stored`;
    await commit(
      r,
      lease,
      [{ kind: "error", place, error: { line, column: "", message }, variantsLost: draft.variants.length }],
      progress,
    );
  }
}

async function commit({ db }: Resources, lease: store.Lease, batch: Item[], progress: number): Promise<void> {
  const products = batch.filter((item) => item.kind === "product");
  const bad = batch.filter((item) => item.kind === "error");
  const lineOf = new Map(products.map(({ draft, line }) => [draft.handle, line]));
  await db.transaction(async (tx) => {
    const { taken, ...counts } = await upsertProducts(tx, products);
    const clashes = taken.map(({ sku, handle, owner }) => {
      return {
        line: lineOf.get(handle) ?? 0,
        column: "Variant SKU",
        message: `SKU ${JSON.stringify(sku)} belongs to product ${JSON.stringify(owner)}`,
      };
    });
    const isMine = await store.advance(tx, lease, {
      ...counts,
      entries: batch.at(-1)!.place,
      progress,
      failed: bad.reduce((sum, { variantsLost }) => sum + variantsLost, taken.length),
      errors: [...bad.map(({ error }) => error), ...clashes],
    });
    if (!isMine) throw new LeaseLost();
  });
}
