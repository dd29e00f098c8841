import type { Tx } from "../../lib/database.ts";
import { announceAll } from "../../lib/feed.ts";
import { productChanged } from "./contract.ts";
import type { ProductDraft } from "./draft.ts";
import { categoriesOf, type OnSale, productRow, variantRows } from "./drafts.ts";
import { type Facet, facetSets } from "./facets.ts";
import * as lists from "./index-store.ts";
import * as store from "./product-store.ts";
import { spellableWords } from "./spelling.ts";

/** `keepOthers`: variants of the product that the draft does not name stay on sale, because its source could not be read in full. */
export interface Upsert {
  readonly draft: ProductDraft;
  readonly keepOthers?: boolean;
}

/** How many variants came in and how; `taken` are those that did not, because their SKU is another product's. */
export interface Upserted {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly taken: readonly { readonly sku: string; readonly handle: string; readonly owner: string }[];
}

const claimsOf = ({ handle, variants }: ProductDraft) => variants.map(({ sku }) => ({ sku, handle }));

/**
 * Writes products, matched by handle, with their variants, matched by SKU. Variants that a product no longer has are taken off
 * sale. What is the same already is not written; what changed is announced. Handles and SKUs must differ within `upserts`.
 */
export async function upsertProducts(tx: Tx, upserts: readonly Upsert[]): Promise<Upserted> {
  await store.lockProducts(tx);
  const taken = await store.findTakenSkus(
    tx,
    upserts.flatMap(({ draft }) => claimsOf(draft)),
  );
  const good = withoutSkus(upserts, new Set(taken.map(({ sku }) => sku)));
  if (good.length === 0) return { created: 0, updated: 0, unchanged: 0, taken };
  const drafts = good.map(({ draft }) => draft);
  const onSale = await onSaleAfterwards(tx, good);
  const before = await store.findCells(tx, [...onSale.keys()]);
  const cellsOf = new Map(before.map(({ handle, cells }) => [handle, cells]));
  const rows = drafts.map((draft) => {
    const { handle } = draft;
    return productRow(draft, { ...onSale.get(handle)!, cells: cellsOf.get(handle) ?? {} });
  });
  await store.saveCategories(tx, categoriesOf(drafts));
  await saveLists(tx, drafts);
  const products = await store.saveProducts(tx, await withFacets(tx, rows));
  const variants = await store.saveVariants(tx, drafts.flatMap(variantRows));
  const poorer = await store.archiveOthers(
    tx,
    [...onSale].map(([handle, { skus }]) => ({ handle, skus })),
  );
  await tell(tx, [...new Set([...[...products, ...variants].map(({ productId }) => productId), ...poorer])]);
  return { ...count(drafts, new Set(products.map(({ handle }) => handle)), variants), taken };
}

/** All that each product is to have on sale, by handle. */
async function onSaleAfterwards(tx: Tx, upserts: readonly Upsert[]): Promise<Map<string, OnSale>> {
  const keepers = upserts.filter(({ keepOthers }) => keepOthers).map(({ draft }) => draft.handle);
  const others = keepers.length > 0 ? await store.findOnSale(tx, keepers) : [];
  const othersOf = Map.groupBy(others, ({ handle }) => handle);
  return new Map(
    upserts.map(({ draft: { handle, variants } }) => {
      const named = new Set(variants.map(({ sku }) => sku));
      const all = [...variants, ...(othersOf.get(handle) ?? []).filter(({ sku }) => !named.has(sku))];
      return [handle, { skus: all.map(({ sku }) => sku), options: all.flatMap(({ options }) => Object.entries(options)) }];
    }),
  );
}

/** What is kept once for the whole catalogue. */
async function saveLists(tx: Tx, drafts: readonly ProductDraft[]): Promise<void> {
  await lists.saveWords(tx, drafts.flatMap(spellableWords));
  await lists.saveColumns(
    tx,
    drafts.flatMap(({ cells, variants, images }) => [cells, ...[...variants, ...images].map((part) => part.cells)]),
  );
}

/** Puts the ids of facets in their place, and those of the sets that they form. */
async function withFacets<R extends { facets: Facet[] }>(tx: Tx, rows: readonly R[]) {
  const idOf = await lists.saveFacets(
    tx,
    rows.flatMap(({ facets }) => facets),
  );
  const grouped = rows.map(({ facets }) => facetSets(facets, idOf));
  const setOf = await lists.saveSets(tx, grouped.flat());
  return rows.map((row, at) => ({
    ...row,
    facets: grouped[at]!.flatMap((set) => set.facets).toSorted((a, b) => a - b),
    facetSets: Object.fromEntries(grouped[at]!.map(({ name, digest }) => [name, setOf(name, digest)])),
  }));
}

async function tell(tx: Tx, productIds: string[]): Promise<void> {
  if (productIds.length === 0) return;
  await store.refreshProducts(tx, productIds);
  await announceAll(tx, productChanged, await store.readStockFacts(tx, productIds));
}

function withoutSkus(upserts: readonly Upsert[], taken: ReadonlySet<string>): Upsert[] {
  if (taken.size === 0) return [...upserts];
  const rest = upserts.map((upsert) => {
    const variants = upsert.draft.variants.filter(({ sku }) => !taken.has(sku));
    return { ...upsert, draft: { ...upsert.draft, variants } };
  });
  return rest.filter(({ draft }) => draft.variants.length > 0);
}

/** A variant counts as updated, too, when only its product has changed. */
function count(
  drafts: readonly ProductDraft[],
  changedHandles: ReadonlySet<string>,
  saved: readonly { sku: string; isNew: boolean }[],
) {
  const created = saved.filter(({ isNew }) => isNew).length;
  const skus = new Set(saved.map(({ sku }) => sku));
  const all = drafts.flatMap(claimsOf);
  const touched = all.filter(({ sku, handle }) => skus.has(sku) || changedHandles.has(handle)).length;
  return { created, updated: touched - created, unchanged: all.length - touched };
}
