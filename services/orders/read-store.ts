import type { Sql, Tx } from "../../lib/database.ts";
import type { Order, OrderStatus } from "./contract.ts";

export interface OrderRow extends Order {
  /** Why its checkout came to nothing; null for an order that stood. */
  readonly reason: unknown;
}

// Orders from before coupons and returns lack what came with them: nothing was taken off, and no tax was counted by line.
const lines = (sql: Sql | Tx) => sql`
  (select coalesce(jsonb_agg(
     jsonb_build_object('discount', zero, 'tax', zero, 'includedTax', zero, 'requiresShipping', true) || l.line || jsonb_build_object(
       'shipped', coalesce(c.shipped, 0), 'returned', coalesce(c.returned, 0), 'refunded', coalesce(c.refunded, 0))
     order by l.place), '[]')
   from jsonb_array_elements(o.lines) with ordinality as l (line, place)
   left join line_count c on c.order_id = o.id and c.sku = l.line ->> 'sku') as lines`;

const shipments = (sql: Sql | Tx) => sql`
  (select coalesce(jsonb_agg(jsonb_build_object(
     'id', s.id, 'lines', s.lines, 'carrier', s.carrier, 'trackingNumber', s.tracking_number,
     'shippedAt', iso(s.shipped_at), 'deliveredAt', iso(s.delivered_at)) order by s.shipped_at, s.id), '[]')
   from shipment s where s.order_id = o.id) as shipments`;

const refunds = (sql: Sql | Tx) => sql`
  (select coalesce(jsonb_agg(jsonb_build_object(
     'id', r.id, 'amount', jsonb_build_object('amount', r.amount, 'currency', currency), 'lines', r.lines,
     'reason', r.reason, 'at', iso(r.at)) order by r.at, r.id), '[]')
   from refund r where r.order_id = o.id) as refunds`;

/** For whom an order is read: who of the administration has done what is nobody else's business. */
export type Reader = "buyer" | "administration";

const timeline = (sql: Sql | Tx, reader: Reader) => {
  const detail = reader === "buyer" ? sql`e.detail` : sql`nullif(concat_ws(', ', e.detail, 'by ' || e.by), '')`;
  return sql`
  (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
     'at', iso(e.at), 'what', e.what, 'detail', ${detail})) order by e.seq), '[]')
   from order_event e where e.order_id = o.id) as timeline`;
};

const select = (sql: Sql | Tx, reader: Reader) => sql`
  select o.id, o.number, o.cart_id, o.status, o.payment_status, o.fulfilment_status, o.email, o.shipping_address, o.customer_id,
    o.coupons, o.placed_at, o.reason, jsonb_build_object('includedTax', zero) || o.totals as totals,
    ${lines(sql)}, ${shipments(sql)}, ${refunds(sql)}, ${timeline(sql, reader)}
  from orders o
  cross join lateral (select o.totals #>> '{total,currency}' as currency) as c
  cross join lateral (select jsonb_build_object('amount', 0, 'currency', currency) as zero) as z`;

export async function readOrder(sql: Sql | Tx, id: string, reader: Reader): Promise<OrderRow | undefined> {
  const [row] = await sql<OrderRow[]>`${select(sql, reader)} where o.id = ${id}`;
  return row;
}

export interface OrderQuery {
  readonly number?: string | undefined;
  readonly email?: string | undefined;
  readonly customerId?: string | undefined;
  readonly status?: OrderStatus | undefined;
  readonly placedFrom?: string | undefined;
  readonly placedUntil?: string | undefined;
  readonly limit: number;
  /** The id of the last order of the page before. */
  readonly cursor?: string | undefined;
}

/** Orders, newest first: ids sort by the time of their making. */
export async function findOrders(sql: Sql, query: OrderQuery, reader: Reader): Promise<OrderRow[]> {
  const { number, email, customerId, status, placedFrom, placedUntil, limit, cursor } = query;
  return sql<OrderRow[]>`
    ${select(sql, reader)}
    where ${cursor ? sql`o.id < ${cursor}` : sql`true`}
      ${number ? sql`and o.number = ${number.trim().toUpperCase()}` : sql``}
      ${email ? sql`and lower(o.email) = lower(${email.trim()})` : sql``}
      ${customerId ? sql`and o.customer_id = ${customerId}` : sql``}
      ${status ? sql`and o.status = ${status}` : sql``}
      ${placedFrom ? sql`and o.placed_at >= ${placedFrom}` : sql``}
      ${placedUntil ? sql`and o.placed_at < ${placedUntil}` : sql``}
    order by o.id desc limit ${limit}`;
}
