import type { Tx } from "../../lib/database.ts";
import { jsonb } from "../../lib/json.ts";
import type { Life, Line, Part } from "./model.ts";
import { type OrderRow, readOrder } from "./read-store.ts";

/** An order with what its life cycle looks at. */
export interface Living {
  readonly order: OrderRow;
  readonly life: Life;
  readonly currency: string;
  /** Null for an order that was never confirmed. */
  readonly confirmedAt: string | null;
}

interface Money {
  readonly captured: number;
  readonly refunded: number;
  readonly confirmedAt: string | null;
}

/** Locks an order, so that nothing else happens to it until the commit, and reads it. */
export async function lockOrder(tx: Tx, id: string): Promise<Living | undefined> {
  const [money] = await tx<Money[]>`
    select captured, refunded, case when totals is not null then coalesce(confirmed_at, placed_at) end as confirmed_at
    from orders where id = ${id} for update`;
  const order = money && (await readOrder(tx, id, "administration"));
  if (!order) return undefined;
  const { confirmedAt, captured, refunded } = money;
  const { status, totals } = order;
  const shipments = order.shipments.map(({ id: shipmentId, deliveredAt }) => ({
    id: shipmentId,
    isDelivered: deliveredAt !== null,
  }));
  const life: Life = { status, total: totals?.total.amount ?? 0, captured, refunded, lines: order.lines.map(toLine), shipments };
  return { order, life, currency: totals?.total.currency ?? "", confirmedAt };
}

// What is stored has more than what is shown.
type StoredLine = OrderRow["lines"][number] & { readonly requiresShipping?: boolean };

const toLine = ({ total, discount, tax, requiresShipping = true, ...line }: StoredLine): Line => ({
  sku: line.sku,
  quantity: line.quantity,
  requiresShipping,
  paid: total.amount + discount.amount + tax.amount,
  shipped: line.shipped,
  returned: line.returned,
  refunded: line.refunded,
});

/** Counts units of an order's lines. The table's checks refuse what was never bought or sent. */
export async function countUnits(
  tx: Tx,
  orderId: string,
  counter: "shipped" | "returned" | "refunded",
  parts: readonly Part[],
): Promise<void> {
  await tx`
    insert into line_count (order_id, sku, quantity)
    select o.id, l.line ->> 'sku', (l.line ->> 'quantity')::int from orders o, jsonb_array_elements(o.lines) as l (line)
    where o.id = ${orderId} on conflict do nothing`;
  const column = tx(counter);
  await tx`
    update line_count c set ${column} = c.${column} + p.quantity
    from jsonb_to_recordset(${jsonb(tx, parts)}) as p (sku text, quantity int)
    where c.order_id = ${orderId} and c.sku = p.sku`;
}

/** Adds a capture to an order, once. */
export async function insertCapture(tx: Tx, orderId: string, { id, amount }: { id: string; amount: number }): Promise<void> {
  await tx`insert into capture (id, order_id, amount) values (${id}, ${orderId}, ${amount}) on conflict (id) do nothing`;
}

/**
 * Counts a locked order's money anew. What was given back has been taken before, though the order may not have heard of
 * that yet.
 */
export async function countMoney(tx: Tx, orderId: string): Promise<void> {
  await tx`
    update orders set refunded = m.refunded, captured = greatest(m.captured, m.refunded)
    from (select
      (select coalesce(sum(amount), 0) from capture where order_id = ${orderId}) as captured,
      (select coalesce(sum(amount), 0) from refund where order_id = ${orderId}) as refunded
    ) as m
    where id = ${orderId}`;
}

export interface NewRefund {
  readonly id: string;
  readonly amount: number;
  readonly lines: readonly Part[];
  readonly reason: string;
}

/** Adds a refund to an order, once, and answers when that was. Who knows its lines may come after who does not. */
export async function insertRefund(tx: Tx, orderId: string, { id, amount, lines, reason }: NewRefund): Promise<string> {
  const [row] = await tx<[{ at: string }]>`
    insert into refund as r (id, order_id, amount, lines, reason)
    values (${id}, ${orderId}, ${amount}, ${jsonb(tx, lines)}, ${reason})
    on conflict (id) do update set lines = case excluded.lines when '[]' then r.lines else excluded.lines end returning at`;
  return row.at;
}

export interface NewShipment {
  readonly id: string;
  readonly lines: readonly Part[];
  readonly carrier: string | null;
  readonly trackingNumber: string | null;
  readonly shippedAt: string;
}

/** Adds a shipment to an order. False when it was noted before. */
export async function insertShipment(tx: Tx, orderId: string, shipment: NewShipment): Promise<boolean> {
  const { id, lines, carrier, trackingNumber, shippedAt } = shipment;
  const inserted = await tx`
    insert into shipment (id, order_id, lines, carrier, tracking_number, shipped_at)
    values (${id}, ${orderId}, ${jsonb(tx, lines)}, ${carrier}, ${trackingNumber}, ${shippedAt})
    on conflict (id) do nothing returning 1`;
  return inserted.length > 0;
}

/** Notes that a shipment has arrived. False when that was noted before. */
export async function markDelivered(tx: Tx, id: string, at: string): Promise<boolean> {
  const marked = await tx`update shipment set delivered_at = ${at} where id = ${id} and delivered_at is null returning 1`;
  return marked.length > 0;
}

type Statuses = Pick<OrderRow, "status" | "paymentStatus" | "fulfilmentStatus">;

export async function setStatuses(tx: Tx, id: string, { status, paymentStatus, fulfilmentStatus }: Statuses): Promise<void> {
  await tx`
    update orders set status = ${status}, payment_status = ${paymentStatus}, fulfilment_status = ${fulfilmentStatus}
    where id = ${id}`;
}

/** Cancels a confirmed order. False when it is not confirmed. */
export async function cancelConfirmed(tx: Tx, id: string): Promise<boolean> {
  const done = await tx`update orders set status = 'cancelled' where id = ${id} and status = 'confirmed' returning 1`;
  return done.length > 0;
}

interface Told {
  readonly what: string;
  readonly detail?: string | undefined;
  /** Names what is told once, though two sources tell of it. */
  readonly key?: string | undefined;
  readonly by?: string | undefined;
}

/** Adds a line to an order's timeline. False when it stands there already, or there is no such order. */
export async function tell(tx: Tx, orderId: string, { what, detail, key, by }: Told): Promise<boolean> {
  const told = await tx`
    insert into order_event (order_id, what, detail, key, by)
    select id, ${what}, ${detail ?? null}, ${key ?? null}, ${by ?? null} from orders where id = ${orderId}
    on conflict (order_id, key) where key is not null do nothing returning 1`;
  return told.length > 0;
}
