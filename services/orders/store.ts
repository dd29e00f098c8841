import { isDuplicate, type Sql, type Tx } from "../../lib/database.ts";
import { jsonb } from "../../lib/json.ts";
import type { FrozenCart } from "../carts/contract.ts";
import type { PricedLine, Totals } from "../pricing/contract.ts";
import type { Order } from "./contract.ts";

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
  readonly customerId: string | null;
}

/** Inserts a pending order. False when another one stands for the cart already. */
export async function insertOrder(tx: Tx, { id, number, cartId, payment, customerId }: NewOrder): Promise<boolean> {
  const inserted = await tx`
    with placed as (
      insert into orders (id, number, cart_id, payment, customer_id)
      values (${id}, ${number}, ${cartId}, ${jsonb(tx, payment)}, ${customerId})
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
  readonly lines: readonly Omit<PricedLine, "image">[];
  readonly totals: Totals;
  readonly coupons: Order["coupons"];
  readonly customerId: Order["customerId"];
}

type Confirmed = Pick<Order, "number" | "customerId"> & { readonly confirmedAt: string };

/** Confirms a pending order; undefined when it is not pending. */
export async function confirmOrder(tx: Tx, id: string, confirmation: Confirmation): Promise<Confirmed | undefined> {
  const { cart, lines, totals, coupons, customerId } = confirmation;
  const [confirmed] = await tx<Confirmed[]>`
    with done as (
      update orders set status = 'confirmed', payment_status = 'authorized', payment = null, confirmed_at = now(),
        lines = ${jsonb(tx, lines)}, totals = ${jsonb(tx, totals)}, coupons = ${jsonb(tx, coupons)}, email = ${cart.email},
        shipping_address = ${jsonb(tx, cart.shippingAddress)}, shipping_option_id = ${cart.shippingOptionId},
        customer_id = ${customerId}
      where id = ${id} and status = 'pending' returning id, number, customer_id, confirmed_at
    ), told as (insert into order_event (order_id, what) select id, 'confirmed' from done)
    select number, customer_id, confirmed_at from done`;
  return confirmed;
}

interface Cancellation {
  readonly reason: object;
  /** The same in a word or two, for the timeline. */
  readonly why: string;
  readonly paymentStatus: Order["paymentStatus"];
}

/** Cancels a pending order and returns its number; undefined when it is not pending. */
export async function cancelPending(
  tx: Tx,
  id: string,
  { reason, why, paymentStatus }: Cancellation,
): Promise<string | undefined> {
  const [row] = await tx<{ number: string }[]>`
    with done as (
      update orders set status = 'cancelled', payment_status = ${paymentStatus}, payment = null, reason = ${jsonb(tx, reason)}
      where id = ${id} and status = 'pending' returning id, number
    ), told as (insert into order_event (order_id, what, detail) select id, 'cancelled', ${why} from done)
    select number from done`;
  return row?.number;
}

/** Forgets what turned out to be no order, and the keys that led to it. */
export async function forgetOrder(tx: Tx, id: string): Promise<void> {
  await tx`delete from checkout_key where order_id = ${id}`;
  await tx`delete from orders where id = ${id} and status = 'pending'`;
}

/** Forgets keys after a day, some at a time. */
export async function trimKeys(sql: Sql): Promise<void> {
  await sql`
    delete from checkout_key where ctid in (
      select ctid from checkout_key where created_at < now() - interval '24 hours' limit 1000)`;
}
