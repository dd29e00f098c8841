import { isDuplicate, type Sql, type Tx } from "../../lib/database.ts";
import { jsonb } from "../../lib/json.ts";
import { type Cart, lifecycle } from "./contract.ts";
import type { Answer, Content, Item, newlyShown, StoredCart, StoredItem } from "./model.ts";

/** All of a cart `c`. */
export const columns = (sql: Sql | Tx) => sql`
  c.id, c.status, c.order_id, c.customer_id, c.version, c.shown, c.started_at is not null as is_started,
  c.email, c.shipping_address, c.shipping_option_id, c.coupons,
  (select coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'variantId', i.variant_id, 'sku', i.sku, 'quantity', i.quantity,
     'shownPrice', i.shown_price) order by i.position), '[]')
   from cart_item i where i.cart_id = c.id) as items`;

/** False when the customer has an open cart. */
export async function insertCart(tx: Tx, { id, customerId }: Pick<StoredCart, "id" | "customerId">): Promise<boolean> {
  const inserted = await tx`
    insert into cart (id, customer_id) values (${id}, ${customerId})
    on conflict (customer_id) where status = 'open' do nothing returning 1`;
  return inserted.length > 0;
}

export async function findCart(sql: Sql, id: string): Promise<StoredCart | undefined> {
  const [row] = await sql<StoredCart[]>`select ${columns(sql)} from cart c where c.id = ${id}`;
  return row;
}

/** Which cart in which version a write is for. */
type Before = Pick<Cart, "id" | "version">;

/** Makes the next version of an open cart that is still in the version that was read. Parallel changes take turns here. */
const nextVersion = (tx: Tx, { id, version }: Before) => tx`
  update cart set version = version + 1, changed_at = now()
  where id = ${id} and version = ${version} and status in ${tx([...lifecycle.change])} returning id`;

/** Adds so many to the item, or adds the item. False when the cart has changed since. */
export async function addItem(tx: Tx, cart: Before, item: StoredItem): Promise<boolean> {
  const { id, variantId, sku, quantity, shownPrice } = item;
  const added = await tx`
    with changed as (
      update cart set version = version + 1, changed_at = now(), started_at = coalesce(started_at, now())
      where id = ${cart.id} and version = ${cart.version} and status in ${tx([...lifecycle.change])} returning id
    )
    insert into cart_item as i (id, cart_id, variant_id, sku, quantity, shown_price)
    select ${id}, changed.id, ${variantId}, ${sku}, ${quantity}, ${shownPrice && jsonb(tx, shownPrice)} from changed
    on conflict (cart_id, variant_id) do update set quantity = i.quantity + excluded.quantity returning 1`;
  return added.length > 0;
}

/** False when the cart has changed since. */
export async function setQuantity(tx: Tx, cart: Before, { id, quantity }: Pick<Item, "id" | "quantity">): Promise<boolean> {
  const set = await tx`
    with changed as (${nextVersion(tx, cart)})
    update cart_item i set quantity = ${quantity} from changed where i.cart_id = changed.id and i.id = ${id} returning 1`;
  return set.length > 0;
}

/** False when the cart has changed since. */
export async function removeItem(tx: Tx, cart: Before, { id }: Pick<Item, "id">): Promise<boolean> {
  const removed = await tx`
    with changed as (${nextVersion(tx, cart)})
    delete from cart_item i using changed where i.cart_id = changed.id and i.id = ${id} returning 1`;
  return removed.length > 0;
}

/** False when the cart has changed since. */
export async function setCoupons(tx: Tx, cart: Before, coupons: readonly string[]): Promise<boolean> {
  const set = await tx`
    update cart set version = version + 1, changed_at = now(), coupons = ${[...coupons]}::text[]
    where id = ${cart.id} and version = ${cart.version} and status in ${tx([...lifecycle.change])} returning 1`;
  return set.length > 0;
}

type Prices = ReturnType<typeof newlyShown>;

/** Notes what the buyer was shown, in the transaction of the change that was answered with it. */
export async function noteShown(tx: Tx, cartId: string, prices: Prices): Promise<void> {
  await tx`
    update cart_item i set shown_price = p.price
    from jsonb_to_recordset(${jsonb(tx, prices)}) as p(id text, price jsonb) where i.cart_id = ${cartId} and i.id = p.id`;
}

/** Notes what the buyer was shown of a cart that is still open and in that version; of any other nothing. */
export async function noteShownNow(sql: Sql, { id, version }: Before, prices: Prices): Promise<void> {
  await sql`
    with open as (
      update cart set shown = shown + 1
      where id = ${id} and version = ${version} and status in ${sql([...lifecycle.change])} returning id
    )
    update cart_item i set shown_price = p.price
    from open, jsonb_to_recordset(${jsonb(sql, prices)}) as p(id text, price jsonb) where i.cart_id = open.id and i.id = p.id`;
}

type Delivery = Pick<Content, "email" | "shippingAddress" | "shippingOptionId">;

/** False when the cart has changed since. */
export async function setDelivery(
  tx: Tx,
  cart: Before,
  { email, shippingAddress, shippingOptionId }: Delivery,
): Promise<boolean> {
  const set = await tx`
    update cart set version = version + 1, changed_at = now(), email = ${email},
      shipping_address = ${shippingAddress && jsonb(tx, shippingAddress)}, shipping_option_id = ${shippingOptionId}
    where id = ${cart.id} and version = ${cart.version} and status in ${tx([...lifecycle.change])} returning 1`;
  return set.length > 0;
}

/** An order and the cart that it wants, or has. */
export interface Claim {
  readonly cartId: string;
  readonly orderId: string;
}

/** The cart, and what the order was told about it before. */
export async function findClaimed(
  sql: Sql,
  { cartId, orderId }: Claim,
): Promise<(StoredCart & { answer: Answer | null }) | undefined> {
  const [row] = await sql<(StoredCart & { answer: Answer | null })[]>`
    select ${columns(sql)}, (select answer from checkout k where k.order_id = ${orderId} and k.cart_id = c.id) as answer
    from cart c where c.id = ${cartId}`;
  return row;
}

/**
 * Locks the cart for the order and keeps that answer, in one statement. False when the cart has changed since, or the order
 * has got an answer meanwhile: the undo of this very freeze, for one, whose row makes the insert fail and the lock with it.
 */
export async function lockCart(
  sql: Sql,
  { id, version, shown }: Before & Pick<StoredCart, "shown">,
  orderId: string,
): Promise<boolean> {
  try {
    const locked = await sql`
      with locked as (
        update cart set status = 'locked', order_id = ${orderId}
        where id = ${id} and version = ${version} and shown = ${shown} and status in ${sql([...lifecycle.freeze])} returning id
      )
      insert into checkout (order_id, cart_id, answer)
      select ${orderId}, id, ${jsonb(sql, { outcome: "frozen" } satisfies Answer)} from locked returning 1`;
    return locked.length > 0;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

/** False when the order has got an answer meanwhile. */
export async function keepAnswer(sql: Sql, { cartId, orderId }: Claim, answer: Answer): Promise<boolean> {
  const kept = await sql`
    insert into checkout (order_id, cart_id, answer) values (${orderId}, ${cartId}, ${jsonb(sql, answer)})
    on conflict do nothing returning 1`;
  return kept.length > 0;
}

/**
 * Gives the cart back, if the order has it, and leaves the tombstone that a late freeze finds. A customer who has opened another
 * cart meanwhile keeps that one; this one is then a guest's again.
 */
export async function unlockCart(tx: Tx, { cartId, orderId }: Claim): Promise<void> {
  await tx`
    insert into checkout (order_id, cart_id, answer) values (${orderId}, ${cartId}, ${jsonb(tx, { outcome: "reopened" } satisfies Answer)})
    on conflict (order_id, cart_id) do update set answer = excluded.answer`;
  // A statement of its own, because the one above may have waited for a freeze whose lock it could not see.
  await tx`
    update cart c set status = 'open', order_id = null, customer_id = case when not exists (
      select from cart other where other.customer_id = c.customer_id and other.status = 'open') then c.customer_id end
    where id = ${cartId} and order_id = ${orderId} and status in ${tx([...lifecycle.reopen])}`;
}

/** The cart became this order. False when it had been completed before, or there is no such cart. */
export async function completeCart(tx: Tx, { cartId, orderId }: Claim): Promise<boolean> {
  const completed = await tx`
    update cart set status = 'completed', order_id = ${orderId}
    where id = ${cartId} and status in ${tx([...lifecycle.complete])} returning 1`;
  return completed.length > 0;
}
