import type { Sql, Tx } from "../../lib/database.ts";
import { jsonb } from "../../lib/json.ts";
import type { Shortfall } from "./contract.ts";
import type { Line } from "./model.ts";

// Holds are locked before shelves, both in the order of their keys, so that nobody waits in a circle.

export type Hold =
  | { readonly orderId: string; readonly status: "reserved" | "allocated" | "expired"; readonly expiresAt: string }
  | { readonly orderId: string; readonly status: "short"; readonly missing: Shortfall[] }
  | { readonly orderId: string; readonly status: "released" };

/** Opens holds for orders that were never seen, and returns when these end. Waits for whoever opens one for the same order. */
export async function openHolds(tx: Tx, orderIds: readonly string[], time: number): Promise<Map<string, string>> {
  const rows = await tx<{ orderId: string; expiresAt: string }[]>`
    insert into order_hold (order_id, status, expires_at)
    select id, 'reserved', now() + ${time} * interval '1 millisecond' from unnest(${[...orderIds]}::text[]) as id order by id
    on conflict (order_id) do nothing returning order_id, expires_at`;
  return new Map(rows.map(({ orderId, expiresAt }) => [orderId, expiresAt]));
}

export async function findHolds(tx: Tx, orderIds: readonly string[]): Promise<Hold[]> {
  return tx<Hold[]>`select order_id, status, expires_at, missing from order_hold where order_id = any(${[...orderIds]}::text[])`;
}

/** Takes units that were seen to be free under their shelves' locks. */
export async function reserve(tx: Tx, reservations: readonly (Line & { readonly orderId: string })[]): Promise<void> {
  const reserved = await tx`
    with taken as (
      insert into reservation (order_id, sku, variant_id, quantity)
      select "orderId", sku, "variantId", quantity
      from jsonb_to_recordset(${jsonb(tx, reservations)}) as r("orderId" text, sku text, "variantId" text, quantity bigint)
      returning sku, quantity
    ), wanted as (
      select sku, sum(quantity)::bigint as quantity from taken group by sku
    )
    update shelf s set reserved = s.reserved + w.quantity from wanted w
    where s.sku = w.sku and (s.free is null or s.free >= w.quantity)
    returning 1`;
  requireAll(reserved.length, new Set(reservations.map(({ sku }) => sku)).size);
}

function requireAll(found: number, wanted: number): void {
  if (found !== wanted) throw new Error(`${wanted - found} of ${wanted} shelves have less than was seen under their locks`);
}

interface Shortage {
  readonly orderId: string;
  readonly missing: readonly Shortfall[];
}

export async function markShort(tx: Tx, shortages: readonly Shortage[]): Promise<void> {
  await tx`
    update order_hold h set status = 'short', missing = s.missing
    from jsonb_to_recordset(${jsonb(tx, shortages)}) as s("orderId" text, missing jsonb) where h.order_id = s."orderId"`;
}

/** Takes the units of a live reservation off their shelves. Returns the hold as it was before; any other one stays as it is. */
export async function allocateLive(sql: Sql, orderId: string): Promise<Hold | undefined> {
  const [before] = await sql<Hold[]>`
    with hold as (
      select order_id, status, expires_at, missing from order_hold where order_id = ${orderId} for update
    ), live as (
      select s.sku, r.quantity from hold h join reservation r using (order_id) join shelf s using (sku)
      where h.status = 'reserved' order by s.sku for update of s
    ), gone as (
      update shelf s set on_hand = s.on_hand - l.quantity, reserved = s.reserved - l.quantity from live l where s.sku = l.sku
    ), done as (
      update order_hold o set status = 'allocated' from hold h where o.order_id = h.order_id and h.status = 'reserved'
    )
    select * from hold`;
  return before;
}

/** Locks an expired hold and returns what it had reserved; undefined when it is not expired any more. */
export async function lockExpired(tx: Tx, orderId: string): Promise<Line[] | undefined> {
  const [hold] = await tx`select 1 from order_hold where order_id = ${orderId} and status = 'expired' for update`;
  return hold && tx<Line[]>`select sku, variant_id, quantity from reservation where order_id = ${orderId}`;
}

/** Allocates an expired hold whose `counted` lines were seen to be free under their shelves' locks; its other lines count no more. */
export async function allocateExpired(tx: Tx, orderId: string, counted: readonly Line[]): Promise<void> {
  const skus = counted.map(({ sku }) => sku);
  const gone = await tx`
    with done as (
      update order_hold set status = 'allocated' where order_id = ${orderId}
    ), uncounted as (
      delete from reservation where order_id = ${orderId} and sku <> all(${skus}::text[])
    )
    update shelf s set on_hand = s.on_hand - r.quantity from reservation r
    where r.order_id = ${orderId} and r.sku = any(${skus}::text[]) and s.sku = r.sku and (s.free is null or s.free >= r.quantity)
    returning 1`;
  requireAll(gone.length, skus.length);
}

/** Locks an order's hold, which is a new tombstone if there was none, and returns its status. */
export async function lockOrEntomb(tx: Tx, orderId: string): Promise<Hold["status"]> {
  const [hold] = await tx<[Pick<Hold, "status">]>`
    insert into order_hold (order_id, status) values (${orderId}, 'released')
    on conflict (order_id) do update set order_id = excluded.order_id returning status`;
  return hold.status;
}

/** Locks reservations whose time is over, but for those that somebody is just working on. */
export async function lockDue(tx: Tx, most: number): Promise<string[]> {
  const holds = await tx<{ orderId: string }[]>`
    select order_id from order_hold where status = 'reserved' and expires_at <= now()
    order by expires_at limit ${most} for update skip locked`;
  return holds.map(({ orderId }) => orderId);
}

/** Puts back whatever these locked holds have reserved or allocated, and returns the SKUs that became available by it. */
export async function putBack(tx: Tx, orderIds: readonly string[], status: "released" | "expired"): Promise<string[]> {
  const rows = await tx<{ sku: string }[]>`
    with back as (
      select r.sku,
        coalesce(sum(r.quantity) filter (where h.status = 'reserved'), 0)::bigint as reserved,
        coalesce(sum(r.quantity) filter (where h.status = 'allocated'), 0)::bigint as allocated
      from order_hold h join reservation r using (order_id)
      where h.order_id = any(${[...orderIds]}::text[]) and h.status in ('reserved', 'allocated') group by r.sku
    ), locked as (
      select s.sku, b.reserved, b.allocated from back b join shelf s using (sku) order by s.sku for update of s
    ), marked as (
      update order_hold set status = ${status}, missing = null where order_id = any(${[...orderIds]}::text[])
    ), changed as (
      update shelf s set reserved = s.reserved - l.reserved, on_hand = s.on_hand + l.allocated from locked l where s.sku = l.sku
      returning s.sku, s.free, l.reserved + l.allocated as gained
    )
    select sku from changed where free > 0 and free <= gained order by sku`;
  return rows.map(({ sku }) => sku);
}
