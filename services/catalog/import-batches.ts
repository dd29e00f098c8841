import type { ProductDraft } from "./draft.ts";
import type { ImportError } from "./import-store.ts";
import type { ImportEntry } from "./shopify-csv.ts";

/** A product or an error of a file, and its place among them. */
export type Item =
  | {
      readonly kind: "product";
      readonly place: number;
      readonly draft: ProductDraft;
      readonly line: number;
      readonly keepOthers: boolean;
    }
  | { readonly kind: "error"; readonly place: number; readonly error: ImportError; readonly variantsLost: number };

/** Written in one transaction. Large enough to be quick, small enough that the progress moves and the lease does not run out. */
const FULL = 300;

/** What a file says, in batches, without the first `skip` products and errors, which were dealt with before. */
export async function* batchesOf(entries: AsyncIterable<ImportEntry>, skip: number): AsyncGenerator<Item[]> {
  const isDoubtful = doubts();
  let place = 0;
  let batch: Item[] = [];
  let weight = 0;
  for await (const entry of entries) {
    place += 1;
    const keepOthers = isDoubtful(entry);
    if (place <= skip) continue;
    batch.push(itemOf(entry, place, keepOthers));
    weight += entry.kind === "product" ? entry.draft.variants.length : 1;
    if (weight < FULL) continue;
    yield batch;
    batch = [];
    weight = 0;
  }
  if (batch.length > 0) yield batch;
}

function itemOf(entry: ImportEntry, place: number, keepOthers: boolean): Item {
  if (entry.kind === "product") return { kind: "product", place, draft: entry.draft, line: entry.line, keepOthers };
  const { line, column, message, variantsLost } = entry;
  return { kind: "error", place, error: { line, column, message }, variantsLost };
}

/**
 * Tells of a product whether rows of it may have been lost: then what it does not name must not be taken off sale. A row that
 * could not even be split into cells may be one of the product that is being read, or the first of the next one.
 */
function doubts(): (entry: ImportEntry) => boolean {
  const handles = new Set<string>();
  let nameless = 0;
  return (entry) => {
    if (entry.kind === "product") return nameless-- > 0 || handles.has(entry.draft.handle);
    if (entry.handle) handles.add(entry.handle);
    else nameless = 2;
    return false;
  };
}
