import type { Sql, Tx } from "../../lib/database.ts";
import { jsonb } from "../../lib/json.ts";
import type { Payload } from "../../lib/contract.ts";
import type { Adjustment as AdjustmentView, availabilityChanged, StockLevel } from "./contract.ts";
import type { productChanged } from "../catalog/contract.ts";
import type { Shelf } from "./model.ts";
import type { z } from "zod";

type Level = z.output<typeof StockLevel>;
export type Variant = Payload<typeof productChanged>["variants"][number];
export type Flip = Payload<typeof availabilityChanged>;

const level = (sql: Sql | Tx) => sql`sku, on_hand, reserved, on_hand - reserved as available`;

/** Units that can be promised, by SKU; null for without end. SKUs without a shelf are left out. */
export async function findAvailability(sql: Sql, skus: readonly string[]): Promise<Map<string, number | null>> {
  const rows = await sql<Pick<Shelf, "sku" | "free">[]>`select sku, free from shelf where sku = any(${[...skus]}::text[])`;
  return new Map(rows.map(({ sku, free }) => [sku, free && Math.max(0, free)]));
}

interface StockQuery {
  readonly sku?: string | undefined;
  readonly limit: number;
  /** The last SKU of the page before. */
  readonly cursor?: string | undefined;
}

/** Levels of tracked SKUs, by SKU. */
export async function findLevels(sql: Sql, { sku, limit, cursor }: StockQuery): Promise<Level[]> {
  return sql<Level[]>`
    select ${level(sql)} from shelf
    where is_tracked ${sku === undefined ? sql`` : sql`and sku = ${sku}`} ${cursor === undefined ? sql`` : sql`and sku > ${cursor}`}
    order by sku limit ${limit}`;
}

/** Shelves, locked in the order of their SKUs, as everybody locks them: so nobody waits in a circle. */
export async function lockShelves(tx: Tx, skus: readonly string[]): Promise<Shelf[]> {
  return tx<Shelf[]>`select sku, is_tracked, free from shelf where sku = any(${[...skus]}::text[]) order by sku for update`;
}

type AdjustmentRow = z.output<typeof AdjustmentView>;

export interface Adjustment {
  readonly sku: string;
  readonly delta: number;
  readonly reason: string;
  readonly by: string;
}

export interface Adjusted extends Level {
  readonly free: number | null;
}

/** Changes what is on hand and notes it down. Undefined when there is no such tracked shelf or not enough on it. */
export async function adjust(tx: Tx, { sku, delta, reason, by }: Adjustment): Promise<Adjusted | undefined> {
  const [adjusted] = await tx<Adjusted[]>`
    with changed as (
      update shelf set on_hand = on_hand + ${delta}::bigint
      where sku = ${sku} and is_tracked and (policy = 'continue' or ${delta}::bigint > 0 or on_hand + ${delta}::bigint >= reserved)
      returning ${level(tx)}, free
    ), noted as (
      insert into adjustment (sku, delta, reason, by) select sku, ${delta}::bigint, ${reason}, ${by} from changed
    )
    select * from changed`;
  return adjusted;
}

interface AdjustmentQuery {
  readonly sku: string;
  readonly limit: number;
  /** The id of the last adjustment of the page before. */
  readonly cursor?: string | undefined;
}

/** What was changed by hand, imports and returns, newest first. */
export const findAdjustments = (sql: Sql, { sku, limit, cursor }: AdjustmentQuery): Promise<AdjustmentRow[]> => sql<
  AdjustmentRow[]
>`
  select id::text, sku, delta, reason, by, at from adjustment
  where sku = ${sku} ${cursor === undefined ? sql`` : sql`and id < ${cursor}::bigint`} order by id desc limit ${limit}`;

export async function findShelf(sql: Sql | Tx, sku: string): Promise<(Level & Pick<Shelf, "isTracked">) | undefined> {
  const [shelf] = await sql<(Level & Pick<Shelf, "isTracked">)[]>`select ${level(sql)}, is_tracked from shelf where sku = ${sku}`;
  return shelf;
}

/**
 * Makes the shelves what the catalog says of its variants, and returns those that became available or sold out by it. Units
 * change only where the import says another number than the one before. Back orders may go below zero, nothing else may.
 */
export async function stock(tx: Tx, variants: readonly Variant[]): Promise<Flip[]> {
  return tx<Flip[]>`
    with given as (
      select distinct on (sku) sku, "variantId" as variant_id, "isTracked" as is_tracked, policy, quantity
      from jsonb_to_recordset(${jsonb(tx, variants)})
        as v(sku text, "variantId" text, "isTracked" boolean, policy text, quantity bigint)
      order by sku
    ), old as (
      select s.* from shelf s join given using (sku) order by s.sku for update of s
    ), counted as (
      select g.*, coalesce(o.reserved, 0) as reserved, coalesce(o.on_hand, 0) as before,
        case
          when not g.is_tracked then coalesce(o.on_hand, 0)
          when o.is_tracked and o.imported_quantity = g.quantity then o.on_hand
          when g.policy = 'continue' then g.quantity
          else greatest(g.quantity, coalesce(o.reserved, 0))
        end as on_hand
      from given g left join old o using (sku)
    ), put as (
      insert into shelf as s (sku, variant_id, is_tracked, policy, on_hand, reserved, imported_quantity, overdrawn)
      select sku, variant_id, is_tracked, policy, on_hand, reserved, quantity,
        case policy when 'deny' then greatest(0, reserved - on_hand) else 0 end
      from counted order by sku
      on conflict (sku) do update set variant_id = excluded.variant_id, is_tracked = excluded.is_tracked, policy = excluded.policy,
        on_hand = excluded.on_hand, imported_quantity = excluded.imported_quantity, overdrawn = excluded.overdrawn
      where (s.variant_id, s.is_tracked, s.policy, s.imported_quantity)
        is distinct from (excluded.variant_id, excluded.is_tracked, excluded.policy, excluded.imported_quantity)
      returning sku, coalesce(free > 0, true) as is_available
    ), noted as (
      insert into adjustment (sku, delta, reason, by)
      select sku, on_hand - before, 'import', 'catalog' from counted where on_hand <> before
    )
    select put.sku, put.is_available from put join old using (sku)
    where put.is_available <> coalesce(old.free > 0, true) order by sku`;
}
