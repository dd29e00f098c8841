import type { Output } from "../../lib/contract.ts";
import type { Sql } from "../../lib/database.ts";
import type { findAllProducts } from "./contract.ts";
import { branch, every, type Fragment, holdsAnywhere } from "./filter-store.ts";

type Item = Output<typeof findAllProducts>["data"][number];

interface Query {
  /** Folded. */
  readonly words: readonly string[];
  readonly status?: string | undefined;
  readonly category?: string | undefined;
  readonly after?: readonly (string | number)[] | undefined;
  readonly limit: number;
}

interface Row extends Omit<Item, "price"> {
  readonly priceAmount: number;
  readonly currency: string;
  readonly createdAt: string;
}

/** All products, hidden ones too, newest first. */
export const findAll = (sql: Sql, { words, status, category, after, limit }: Query): Promise<Row[]> => sql<Row[]>`
  select p.id, p.handle, p.title, jsonb_extract_path(p.images, '0') as image, p.price_amount, p.currency,
    p.is_in_stock as in_stock, p.status, p.is_listed as published, p.version, p.updated_at, p.created_at,
    (select count(*) from variant v where v.product_id = p.id and not v.is_archived)::int as variants
  from product p
  where ${found(sql, words)}
    ${status === undefined ? sql`` : sql`and p.status = ${status}`}
    ${category === undefined ? sql`` : sql`and p.category_id = any (array(${branch(sql, category)}))`}
    ${after === undefined ? sql`` : sql`and (p.created_at, p.id) < (${String(after[0])}::timestamptz, ${String(after[1])})`}
  order by p.created_at desc, p.id desc limit ${limit}`;

/** The indexes are of what the shop shows; the rest is looked through. */
function found(sql: Sql, words: readonly string[]): Fragment {
  if (words.length === 0) return sql`true`;
  const all = every(
    sql,
    words.map((word) => holdsAnywhere(sql, word)),
  );
  return sql`((p.is_published ${all}) or (not p.is_published ${all}))`;
}
