import type { Sql, Tx } from "../../lib/database.ts";
import { jsonb } from "../../lib/json.ts";
import type { Line } from "./model.ts";

/** When a shipment left; undefined when there is no such shipment. */
export async function findShipped(sql: Sql | Tx, id: string): Promise<string | undefined> {
  const [row] = await sql<{ shippedAt: string }[]>`select shipped_at from shipment where id = ${id}`;
  return row?.shippedAt;
}

export interface LockedParcel {
  readonly isWithdrawn: boolean;
  readonly isSent: boolean;
}

/** Locks an order's parcel, so that only one can send or withdraw it. Undefined when none is planned. */
export async function lockParcel(tx: Tx, orderId: string): Promise<LockedParcel | undefined> {
  const [parcel] = await tx<{ isWithdrawn: boolean }[]>`
    select withdrawn_at is not null as is_withdrawn from parcel where order_id = ${orderId} for update`;
  if (!parcel) return undefined;
  // A statement of its own: one that has waited for the lock does not see what was committed meanwhile.
  const [{ isSent }] = await tx<
    [{ isSent: boolean }]
  >`select exists (select from shipment where order_id = ${orderId}) as is_sent`;
  return { ...parcel, isSent };
}

/** What a locked parcel still holds. */
export async function readLeft(tx: Tx, orderId: string): Promise<Line[]> {
  await tx`
    insert into parcel_line (order_id, sku, quantity)
    select order_id, line ->> 'sku', sum((line ->> 'quantity')::int)::int
    from parcel, jsonb_array_elements(lines) as line where order_id = ${orderId} group by 1, 2
    on conflict do nothing`;
  return tx<Line[]>`
    select sku, quantity - shipped as quantity from parcel_line where order_id = ${orderId} and shipped < quantity order by sku`;
}

interface NewShipment {
  readonly id: string;
  readonly orderId: string;
  readonly lines: readonly Line[];
  readonly carrier: string | undefined;
  readonly trackingNumber: string | undefined;
}

/** Takes lines out of a locked parcel that was seen to hold them; answers when. */
export async function insertShipment(tx: Tx, shipment: NewShipment): Promise<string> {
  const { id, orderId, lines, carrier = null, trackingNumber = null } = shipment;
  await tx`
    update parcel_line p set shipped = p.shipped + l.quantity
    from jsonb_to_recordset(${jsonb(tx, lines)}) as l(sku text, quantity int) where p.order_id = ${orderId} and p.sku = l.sku`;
  const [row] = await tx<[{ shippedAt: string }]>`
    insert into shipment (id, order_id, lines, carrier, tracking_number)
    values (${id}, ${orderId}, ${jsonb(tx, lines)}, ${carrier}, ${trackingNumber}) returning shipped_at`;
  return row.shippedAt;
}

/** Marks a locked parcel. */
export async function withdraw(tx: Tx, orderId: string): Promise<void> {
  await tx`update parcel set withdrawn_at = coalesce(withdrawn_at, now()) where order_id = ${orderId}`;
}

/** Notes an arrival, once; answers when it was. Undefined when there is no such shipment. */
export async function markDelivered(sql: Sql, { id, orderId }: { id: string; orderId: string }): Promise<string | undefined> {
  const [row] = await sql<{ deliveredAt: string }[]>`
    update shipment set delivered_at = coalesce(delivered_at, now()) where id = ${id} and order_id = ${orderId} returning delivered_at`;
  return row?.deliveredAt;
}
