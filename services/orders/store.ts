import { isDuplicate, type Sql, type Tx } from "../../lib/database.ts";
import { jsonb } from "../../lib/json.ts";
import type { Order, OrderLine, OrderStatus } from "./contract.ts";
import type { Refusal } from "./model.ts";
import type { FrozenCart } from "../carts/contract.ts";
import type { Totals } from "../pricing/contract.ts";

export interface OrderRow extends Order {
  readonly reason: Refusal | null;
}

export interface CheckoutKey {
  readonly scope: string;
  readonly key: string;
  readonly fingerprint: string;
}

/** Takes the key for an order, or says which order it was used for. Waits for a request with the same key that is just placing. */
export async function takeKey(
  tx: Tx,
  { scope, key, fingerprint }: CheckoutKey,
  orderId: string,
): Promise<{ fingerprint: string; orderId: string }> {
  const [mine] = await tx`
    insert into checkout_key (scope, key, fingerprint, order_id) values (${scope}, ${key}, ${fingerprint}, ${orderId})
    on conflict do nothing returning 1`;
  if (mine) return { fingerprint, orderId };
  const [row] = await tx<[{ fingerprint: string; orderId: string }?]>`
    select fingerprint, order_id from checkout_key where scope = ${scope} and key = ${key}`;
  // The order that had the key was no order and took it along; the key is free, so try again.
  return row ?? takeKey(tx, { scope, key, fingerprint }, orderId);
}

interface NewOrder {
  readonly id: string;
  readonly number: string;
  readonly cartId: string;
  readonly payment: object;
}

/** Inserts a pending order. False when another one stands for the cart already. */
export async function insertOrder(tx: Tx, { id, number, cartId, payment }: NewOrder): Promise<boolean> {
  const inserted = await tx`
    with placed as (
      insert into orders (id, number, cart_id, payment) values (${id}, ${number}, ${cartId}, ${jsonb(tx, payment)})
      on conflict (cart_id) where status <> 'cancelled' do nothing returning id
    )
    insert into order_event (order_id, what) select id, 'placed' from placed returning 1`;
  return inserted.length > 0;
}

/** True when an insert failed because two orders drew the same number. */
export const isNumberTaken = (error: unknown): boolean => isDuplicate(error, "orders_number_key");

/** The order that stands for a cart, and lets a key lead to it. */
export async function joinOrder(tx: Tx, cartId: string, { scope, key }: CheckoutKey): Promise<string | undefined> {
  const [row] = await tx<{ orderId: string }[]>`
    update checkout_key k set order_id = o.id from orders o
    where o.cart_id = ${cartId} and o.status <> 'cancelled' and k.scope = ${scope} and k.key = ${key} returning k.order_id`;
  return row?.orderId;
}

/** How the buyer pays, as long as it is not settled. */
export async function readPayment(sql: Sql, id: string): Promise<unknown> {
  const [row] = await sql<{ payment: unknown }[]>`select payment from orders where id = ${id}`;
  return row?.payment;
}

interface Confirmation {
  readonly cart: FrozenCart;
  readonly lines: OrderLine[];
  readonly totals: Totals;
}

/** Confirms a pending order and returns its number; undefined when it is not pending. */
export async function confirmOrder(tx: Tx, id: string, { cart, lines, totals }: Confirmation): Promise<string | undefined> {
  const [row] = await tx<{ number: string }[]>`
    with done as (
      update orders set status = 'confirmed', payment_status = 'authorized', payment = null,
        lines = ${jsonb(tx, lines)}, totals = ${jsonb(tx, totals)}, email = ${cart.email},
        shipping_address = ${jsonb(tx, cart.shippingAddress)}, shipping_option_id = ${cart.shippingOptionId}
      where id = ${id} and status = 'pending' returning id, number
    ), told as (insert into order_event (order_id, what) select id, 'confirmed' from done)
    select number from done`;
  return row?.number;
}

interface Cancellation {
  readonly reason: Refusal;
  readonly paymentStatus: Order["paymentStatus"];
}

/** Cancels a pending order and returns its number; undefined when it is not pending. */
export async function cancelOrder(tx: Tx, id: string, { reason, paymentStatus }: Cancellation): Promise<string | undefined> {
  const [row] = await tx<{ number: string }[]>`
    with done as (
      update orders set status = 'cancelled', payment_status = ${paymentStatus}, payment = null, reason = ${jsonb(tx, reason)}
      where id = ${id} and status = 'pending' returning id, number
    ), told as (insert into order_event (order_id, what, detail) select id, 'cancelled', ${reason.code} from done)
    select number from done`;
  return row?.number;
}

/** Forgets what turned out to be no order, and the keys that led to it. */
export async function forgetOrder(tx: Tx, id: string): Promise<void> {
  await tx`delete from checkout_key where order_id = ${id}`;
  await tx`delete from orders where id = ${id} and status = 'pending'`;
}

/** Notes that the money was taken. */
export async function markCaptured(tx: Tx, id: string): Promise<void> {
  await tx`
    with done as (
      update orders set payment_status = 'captured' where id = ${id} and payment_status = 'authorized' returning id
    )
    insert into order_event (order_id, what) select id, 'payment captured' from done`;
}

/** Adds a line to an order's timeline. */
export async function tell(tx: Tx, id: string, what: string): Promise<void> {
  await tx`insert into order_event (order_id, what) select id, ${what} from orders where id = ${id}`;
}

const columns = (sql: Sql) => sql`
  o.id, o.number, o.cart_id, o.status, o.payment_status, o.fulfilment_status, o.lines, o.totals, o.email, o.shipping_address,
  o.placed_at, o.reason,
  (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
     'at', to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'what', e.what, 'detail', e.detail)) order by e.seq), '[]')
   from order_event e where e.order_id = o.id) as timeline`;

export async function readOrder(sql: Sql, id: string): Promise<OrderRow | undefined> {
  const [row] = await sql<OrderRow[]>`select ${columns(sql)} from orders o where o.id = ${id}`;
  return row;
}

export interface OrderQuery {
  readonly number?: string | undefined;
  readonly email?: string | undefined;
  readonly status?: OrderStatus | undefined;
  readonly placedFrom?: string | undefined;
  readonly placedUntil?: string | undefined;
  readonly limit: number;
  /** The id of the last order of the page before. */
  readonly cursor?: string | undefined;
}

/** Orders, newest first: ids sort by the time of their making. */
export async function findOrders(sql: Sql, query: OrderQuery): Promise<OrderRow[]> {
  const { number, email, status, placedFrom, placedUntil, limit, cursor } = query;
  return sql<OrderRow[]>`
    select ${columns(sql)} from orders o
    where ${cursor ? sql`o.id < ${cursor}` : sql`true`}
      ${number ? sql`and o.number = ${number.trim().toUpperCase()}` : sql``}
      ${email ? sql`and lower(o.email) = lower(${email.trim()})` : sql``}
      ${status ? sql`and o.status = ${status}` : sql``}
      ${placedFrom ? sql`and o.placed_at >= ${placedFrom}` : sql``}
      ${placedUntil ? sql`and o.placed_at < ${placedUntil}` : sql``}
    order by o.id desc limit ${limit}`;
}

/** Forgets keys after a day, some at a time. */
export async function trimKeys(sql: Sql): Promise<void> {
  await sql`
    delete from checkout_key where ctid in (
      select ctid from checkout_key where created_at < now() - interval '24 hours' limit 1000)`;
}
