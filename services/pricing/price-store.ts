import type { Sql, Tx } from "../../lib/database.ts";
import { jsonb } from "../../lib/json.ts";
import type { PriceList } from "./contract.ts";
import { isActive } from "./store.ts";

/** A price list as it is kept. */
export interface PriceListRow extends Pick<PriceList, "id" | "name" | "priority"> {
  readonly startsAt: string | null;
  readonly endsAt: string | null;
}

export interface KeptPriceList extends PriceListRow, Pick<PriceList, "isActive" | "count" | "createdAt"> {
  readonly archivedAt: string | null;
}

const columns = (sql: Sql | Tx) => sql`
  l.id, l.name, l.priority, l.starts_at, l.ends_at, l.created_at, l.archived_at, ${isActive(sql)} as is_active,
  (select count(*) from price p where p.list_id = l.id) as count`;

interface Listing {
  readonly archived: boolean;
  readonly limit: number;
  /** The last id of the page before. */
  readonly cursor?: string | undefined;
}

/** Newest first, which is the order of ids. */
export const findLists = (sql: Sql, { archived, limit, cursor }: Listing): Promise<KeptPriceList[]> => sql<KeptPriceList[]>`
  select ${columns(sql)} from price_list l
  where (l.archived_at is not null) = ${archived} ${cursor === undefined ? sql`` : sql`and l.id < ${cursor}`}
  order by l.id desc limit ${limit}`;

export async function findList(sql: Sql | Tx, id: string): Promise<KeptPriceList | undefined> {
  const [list] = await sql<KeptPriceList[]>`select ${columns(sql)} from price_list l where l.id = ${id}`;
  return list;
}

/** The list, so that nobody changes it before this transaction is over. */
export async function lockList(tx: Tx, id: string): Promise<KeptPriceList | undefined> {
  const [list] = await tx<KeptPriceList[]>`select ${columns(tx)} from price_list l where l.id = ${id} for update of l`;
  return list;
}

/** Makes or changes a list. */
export async function putList(tx: Tx, { id, name, priority, startsAt, endsAt }: PriceListRow): Promise<void> {
  await tx`
    insert into price_list (id, name, priority, starts_at, ends_at) values (${id}, ${name}, ${priority}, ${startsAt}, ${endsAt})
    on conflict (id) do update
    set name = excluded.name, priority = excluded.priority, starts_at = excluded.starts_at, ends_at = excluded.ends_at`;
}

/** Archiving again changes nothing. */
export async function archiveList(tx: Tx, id: string): Promise<void> {
  await tx`update price_list set archived_at = coalesce(archived_at, now()) where id = ${id}`;
}

interface PriceRow {
  readonly variantId: string;
  readonly amount: number;
}

/** By variant, from after the last one of the page before. */
export const findPrices = (
  sql: Sql,
  id: string,
  { limit, cursor = "" }: Pick<Listing, "limit" | "cursor">,
): Promise<PriceRow[]> =>
  sql<PriceRow[]>`
    select variant_id, amount from price where list_id = ${id} and variant_id > ${cursor} order by variant_id limit ${limit}`;

/** Sets the prices that have an amount and removes the others. A variant that is named twice has its last price. */
export async function putPrices(
  tx: Tx,
  id: string,
  prices: readonly { variantId: string; amount: number | null }[],
): Promise<void> {
  const wanted = [...new Map(prices.map((price) => [price.variantId, price])).values()];
  await tx`
    with wanted as (
      select * from jsonb_to_recordset(${jsonb(tx, wanted)}) as w("variantId" text, amount bigint)
    ), removed as (
      delete from price p using wanted w where p.list_id = ${id} and p.variant_id = w."variantId" and w.amount is null
    )
    insert into price (list_id, variant_id, amount) select ${id}, "variantId", amount from wanted where amount is not null
    on conflict (list_id, variant_id) do update set amount = excluded.amount`;
}
