import type { Sql, Tx } from "../../lib/database.ts";
import type { Cells } from "./cells.ts";
import type { ProductId, Status, VariantId } from "./contract.ts";

type Image = { readonly url: string; readonly alt: string; readonly cells?: Cells };

export interface FullVariantRow {
  readonly id: VariantId;
  readonly sku: string;
  readonly title: string;
  readonly options: Record<string, string>;
  readonly priceAmount: number;
  readonly compareAtAmount: number | null;
  readonly image: Image | null;
  readonly grams: number;
  readonly requiresShipping: boolean;
  readonly isTaxable: boolean;
  readonly barcode: string;
  readonly isTracked: boolean;
  readonly policy: "deny" | "continue";
  readonly quantity: number;
  readonly isArchived: boolean;
  readonly cells: Cells;
}

/** A product with everything, its variants in their order. */
export interface FullProductRow {
  readonly id: ProductId;
  readonly handle: string;
  readonly title: string;
  readonly description: string;
  readonly vendor: string;
  readonly category: string;
  readonly tags: string[];
  readonly status: Status;
  readonly isListed: boolean;
  readonly taxClass: string;
  readonly images: Image[];
  readonly optionNames: string[];
  readonly currency: string;
  readonly cells: Cells;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly variants: FullVariantRow[];
}

const columns = (sql: Sql | Tx) => sql`
  p.id, p.handle, p.title, p.description, p.vendor, p.category, p.tags, p.status, p.is_listed, p.tax_class, p.images,
  p.option_names, p.currency, p.cells, p.version, p.created_at, p.updated_at, (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', v.id, 'sku', v.sku, 'title', v.title, 'options', v.options, 'priceAmount', v.price_amount,
      'compareAtAmount', v.compare_at_amount, 'image', v.image, 'grams', v.grams, 'requiresShipping', v.requires_shipping,
      'isTaxable', v.is_taxable, 'barcode', v.barcode, 'isTracked', v.is_tracked, 'policy', v.policy, 'quantity', v.quantity,
      'isArchived', v.is_archived, 'cells', v.cells) order by v.is_archived, v.position, v.sku), '[]')
    from variant v where v.product_id = p.id) as variants`;

export async function readFull(sql: Sql | Tx, id: string): Promise<FullProductRow | undefined> {
  const [row] = await sql<FullProductRow[]>`select ${columns(sql)} from product p where p.id = ${id}`;
  return row;
}

export async function readFullOf(tx: Tx, handle: string): Promise<FullProductRow | undefined> {
  const [row] = await tx<FullProductRow[]>`select ${columns(tx)} from product p where p.handle = ${handle}`;
  return row;
}

/** Products from the one on that `from` names, in the order of their ids. */
export const readStretch = (sql: Sql, from: string, limit: number): Promise<FullProductRow[]> =>
  sql<FullProductRow[]>`select ${columns(sql)} from product p where p.id >= ${from} order by p.id limit ${limit}`;

/** Products whose search was made by older rules. */
export const readStale = (tx: Tx, index: number, limit: number): Promise<FullProductRow[]> =>
  tx<FullProductRow[]>`select ${columns(tx)} from product p where p.indexed_by < ${index} order by p.id limit ${limit}`;

/** How many products there are up to the one that `id` names, and in all. */
export async function countUpTo(sql: Sql, id: string): Promise<{ done: number; total: number }> {
  const [row] = await sql<[{ done: number; total: number }]>`
    select count(*) filter (where id < ${id}) as done, count(*) as total from product`;
  return row;
}

/** The columns of cells that are known up to a place, and the last of these. */
export async function readColumns(sql: Sql, upTo: number): Promise<{ names: string[]; last: number }> {
  const rows = await sql<{ name: string; place: number }[]>`
    select name, place from extra_column where place <= ${upTo} order by place`;
  return { names: rows.map(({ name }) => name), last: rows.at(-1)?.place ?? 0 };
}
