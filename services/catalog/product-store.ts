import type { Payload } from "../../lib/contract.ts";
import type { Tx } from "../../lib/database.ts";
import type { Cells } from "./cells.ts";
import type { productChanged, Status } from "./contract.ts";
import type { ProductDraft, VariantDraft } from "./draft.ts";
import type { CategoryRow } from "./model.ts";

export interface ProductRow extends Pick<
  ProductDraft,
  "handle" | "title" | "description" | "vendor" | "category" | "tags" | "images"
> {
  readonly id: string;
  readonly categoryId: string | null;
  /** Null leaves these three as they are. */
  readonly status: Status | null;
  readonly isListed: boolean | null;
  readonly taxClass: string | null;
  readonly cells: Cells;
  readonly priceAmount: number;
  readonly currency: string;
  readonly titleKey: string;
  readonly optionNames: string[];
  readonly search: string;
  /** Ids, and ids of sets by name. */
  readonly facets: readonly number[];
  readonly facetSets: Readonly<Record<string, number>>;
}

export interface VariantRow extends Pick<
  VariantDraft,
  "sku" | "title" | "options" | "grams" | "requiresShipping" | "barcode" | "policy" | "quantity"
> {
  readonly id: string;
  /** The product's. */
  readonly handle: string;
  readonly position: number;
  readonly priceAmount: number;
  readonly compareAtAmount: number | null;
  readonly image: { url: string; alt: string } | null;
  readonly isTaxable: boolean;
  readonly isTracked: boolean;
  /** Merged into what is there. */
  readonly cells: Cells;
}

/** The rules by which `search` and `facets` are made. What was made by a lower number is made again. */
export const INDEX = 1;

const json = (rows: readonly object[]): string => JSON.stringify(rows);

/** Writers of products take turns until the end of their transactions, so they neither wait crosswise nor miss each other's SKUs. */
export async function lockProducts(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtext('catalog.products'))`;
}

interface Claim {
  readonly sku: string;
  readonly handle: string;
}

/** Which of the SKUs are on sale in another product, and in which. */
export const findTakenSkus = (tx: Tx, claims: readonly Claim[]): Promise<(Claim & { owner: string })[]> => tx<
  (Claim & { owner: string })[]
>`
  select c.sku, c.handle, p.handle as owner
  from jsonb_to_recordset(${json(claims)}::text::jsonb) as c (sku text, handle text)
  join variant v on v.sku = c.sku and not v.is_archived join product p on p.id = v.product_id and p.handle <> c.handle`;

interface OnSale extends Claim {
  readonly options: Record<string, string>;
}

/** What products have on sale. */
export const findOnSale = (tx: Tx, handles: readonly string[]): Promise<OnSale[]> => tx<OnSale[]>`
  select v.sku, v.options, p.handle from variant v join product p on p.id = v.product_id
  where p.handle = any (${handles}) and not v.is_archived`;

/** What was noted of products before. */
export const findCells = (tx: Tx, handles: readonly string[]): Promise<{ handle: string; cells: Cells }[]> =>
  tx<{ handle: string; cells: Cells }[]>`select handle, cells from product where handle = any (${handles}) and cells <> '{}'`;

export async function saveCategories(tx: Tx, categories: readonly CategoryRow[]): Promise<void> {
  if (categories.length === 0) return;
  const added = await tx`
    insert into category (id, handle, name, parent_id)
    select c.id, c.handle, c.name, c."parentId"
    from jsonb_to_recordset(${json(categories)}::text::jsonb) as c (id text, handle text, name text, "parentId" text)
    on conflict do nothing returning 1`;
  if (added.length > 0) await refreshPaths(tx);
}

/** Brings up to date what every category says of where it lies. */
export async function refreshPaths(tx: Tx): Promise<void> {
  await tx`
    with recursive tree as (
      select id, array[handle] as path from category where parent_id is null
      union all select c.id, t.path || c.handle from category c join tree t on c.parent_id = t.id
    )
    update category c set path = t.path from tree t where t.id = c.id and c.path <> t.path`;
}

interface Saved {
  readonly productId: string;
  readonly isNew: boolean;
}

/** Inserts and updates products by handle; answers only those that were not the same already. */
export const saveProducts = (tx: Tx, products: readonly ProductRow[]): Promise<(Saved & { handle: string })[]> => tx<
  (Saved & { handle: string })[]
>`
  insert into product as p (id, handle, title, description, vendor, category, category_id, tags, is_published, status, is_listed,
                            tax_class, cells, images, option_names, price_amount, currency, title_key, search, facets, facet_sets,
                            indexed_by)
  select row.id, row.handle, row.title, row.description, row.vendor, row.category, "categoryId", row.tags,
         now.status = 'active' and now.is_listed, now.status, now.is_listed, coalesce("taxClass", old.tax_class, 'standard'),
         row.cells, row.images, "optionNames", "priceAmount", row.currency,
         "titleKey", row.search, row.facets, "facetSets", ${INDEX}
  from jsonb_to_recordset(${json(products)}::text::jsonb) as row (
    id text, handle text, title text, description text, vendor text, category text, "categoryId" text, tags text[], status text,
    "isListed" boolean, "taxClass" text, cells jsonb, images jsonb, "optionNames" text[], "priceAmount" bigint, currency text,
    "titleKey" text, search text, facets int[], "facetSets" jsonb)
  left join product old on old.handle = row.handle
  cross join lateral (
    select coalesce(row.status, old.status, 'active') as status, coalesce("isListed", old.is_listed, true) as is_listed) as now
  on conflict (handle) do update set
    title = excluded.title, description = excluded.description, vendor = excluded.vendor, category = excluded.category,
    category_id = excluded.category_id, tags = excluded.tags, is_published = excluded.is_published, status = excluded.status,
    is_listed = excluded.is_listed, tax_class = excluded.tax_class, cells = excluded.cells, images = excluded.images,
    option_names = excluded.option_names, currency = excluded.currency, title_key = excluded.title_key, search = excluded.search,
    facets = excluded.facets, facet_sets = excluded.facet_sets, indexed_by = excluded.indexed_by
  where (p.title, p.description, p.vendor, p.category, p.category_id, p.tags, p.is_published, p.status, p.is_listed, p.tax_class,
         p.cells, p.images, p.option_names, p.currency, p.title_key, p.search, p.facets, p.facet_sets,
         p.indexed_by)
    is distinct from
        (excluded.title, excluded.description, excluded.vendor, excluded.category, excluded.category_id, excluded.tags,
         excluded.is_published, excluded.status, excluded.is_listed, excluded.tax_class, excluded.cells, excluded.images,
         excluded.option_names, excluded.currency, excluded.title_key, excluded.search, excluded.facets, excluded.facet_sets,
         excluded.indexed_by)
  returning id as product_id, handle, xmax = 0 as is_new`;

/** Inserts and updates variants by SKU; answers only those that were not the same already. One that is off sale may change its product. */
export const saveVariants = (tx: Tx, variants: readonly VariantRow[]): Promise<(Saved & { sku: string })[]> => tx<
  (Saved & { sku: string })[]
>`
  insert into variant as v (id, product_id, sku, title, options, position, price_amount, compare_at_amount, image, grams,
                            requires_shipping, is_taxable, barcode, is_tracked, policy, quantity, cells, is_available)
  select row.id, p.id, row.sku, row.title, row.options, row.position, row."priceAmount", row."compareAtAmount", row.image,
         row.grams, row."requiresShipping", row."isTaxable", row.barcode, row."isTracked", row.policy, row.quantity,
         jsonb_strip_nulls(coalesce(old.cells, '{}') || row.cells),
         not row."isTracked" or row.policy = 'continue' or row.quantity > 0
  from jsonb_to_recordset(${json(variants)}::text::jsonb) as row (
    id text, handle text, sku text, title text, options jsonb, position int, "priceAmount" bigint, "compareAtAmount" bigint,
    image jsonb, grams int, "requiresShipping" boolean, "isTaxable" boolean, barcode text, "isTracked" boolean, policy text,
    quantity int, cells jsonb)
  join product p on p.handle = row.handle left join variant old on old.sku = row.sku
  on conflict (sku) do update set
    product_id = excluded.product_id, title = excluded.title, options = excluded.options, position = excluded.position,
    price_amount = excluded.price_amount, compare_at_amount = excluded.compare_at_amount, image = excluded.image,
    grams = excluded.grams, requires_shipping = excluded.requires_shipping, is_taxable = excluded.is_taxable,
    barcode = excluded.barcode, is_tracked = excluded.is_tracked, policy = excluded.policy, quantity = excluded.quantity,
    cells = excluded.cells, is_archived = false
  where (v.product_id, v.title, v.options, v.position, v.price_amount, v.compare_at_amount, v.image, v.grams,
         v.requires_shipping, v.is_taxable, v.barcode, v.is_tracked, v.policy, v.quantity, v.cells, v.is_archived)
    is distinct from
        (excluded.product_id, excluded.title, excluded.options, excluded.position, excluded.price_amount,
         excluded.compare_at_amount, excluded.image, excluded.grams, excluded.requires_shipping, excluded.is_taxable,
         excluded.barcode, excluded.is_tracked, excluded.policy, excluded.quantity, excluded.cells,
         false)
  returning product_id, sku, xmax = 0 as is_new`;

/** Takes off sale what a product had and is not among `skus`. Answers the products that lost something. */
export async function archiveOthers(tx: Tx, kept: readonly { handle: string; skus: readonly string[] }[]): Promise<string[]> {
  if (kept.length === 0) return [];
  const rows = await tx<{ productId: string }[]>`
    update variant v set is_archived = true
    from jsonb_to_recordset(${json(kept)}::text::jsonb) as k (handle text, skus text[]) join product p on p.handle = k.handle
    where v.product_id = p.id and not v.is_archived and v.sku <> all (k.skus)
    returning v.product_id`;
  return rows.map(({ productId }) => productId);
}

/** Brings what changed products say of their variants up to date. */
export async function refreshProducts(tx: Tx, productIds: readonly string[]): Promise<void> {
  await tx`
    update product p set price_amount = s.price_amount, is_in_stock = s.is_in_stock, version = version + 1, updated_at = now()
    from (select product_id, min(price_amount) as price_amount, bool_or(is_available) as is_in_stock
          from variant where product_id = any (${productIds}) and not is_archived group by product_id) s
    where p.id = s.product_id`;
}

/** What inventory must know of products, in the order of the ids. */
export const readStockFacts = (tx: Tx, productIds: readonly string[]): Promise<Payload<typeof productChanged>[]> => tx<
  Payload<typeof productChanged>[]
>`
  select product_id, jsonb_agg(jsonb_build_object('variantId', id, 'sku', sku, 'isTracked', is_tracked, 'policy', policy,
    'quantity', quantity) order by position) as variants
  from variant where product_id = any (${productIds}) and not is_archived
  group by product_id order by array_position(${productIds}::text[], product_id)`;
