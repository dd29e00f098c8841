import type { Tx } from "../../lib/database.ts";
import { jsonb } from "../../lib/json.ts";
import { lifecycle } from "./contract.ts";
import type { Merger, StoredCart } from "./model.ts";
import { columns } from "./store.ts";

interface Wanted {
  readonly customerId: string;
  readonly cartId: string | null;
}

/** The customer's open cart and the one that is named, locked in the order of their ids, so that nobody waits in a circle. */
export async function lockCarts(tx: Tx, { customerId, cartId }: Wanted): Promise<StoredCart[]> {
  const locked = await tx<{ id: string }[]>`
    select id from cart
    where id = ${cartId} or (customer_id = ${customerId} and status in ${tx([...lifecycle.change])}) order by id for update`;
  // A statement of its own, because the one above may have waited for a change that it could not see.
  return tx<StoredCart[]>`select ${columns(tx)} from cart c where c.id = any(${locked.map(({ id }) => id)}::text[])`;
}

interface Owner {
  readonly customerId: string;
  readonly email: string;
}

/** Makes a guest's cart the customer's. */
export async function giveCart(tx: Tx, id: string, { customerId, email }: Owner): Promise<void> {
  await tx`
    update cart set customer_id = ${customerId}, email = coalesce(email, ${email}), version = version + 1, changed_at = now()
    where id = ${id}`;
}

/** Moves what fits from a guest's cart into the customer's. */
export async function mergeCarts(
  tx: Tx,
  { own, guest }: { own: string; guest: string },
  { put, left, content }: Merger,
): Promise<void> {
  const { email, coupons, shippingAddress, shippingOptionId } = content;
  await tx`
    update cart set version = version + 1, changed_at = now(), email = ${email}, coupons = ${[...coupons]}::text[],
      started_at = case when ${put.length > 0} then coalesce(started_at, now()) else started_at end,
      shipping_address = ${shippingAddress && jsonb(tx, shippingAddress)}, shipping_option_id = ${shippingOptionId}
    where id = ${own}`;
  await tx`update cart set version = version + 1, changed_at = now(), coupons = '{}' where id = ${guest}`;
  await tx`
    with left_over as (
      select * from jsonb_to_recordset(${jsonb(tx, left)}) as l(id text, quantity int)
    ), gone as (
      delete from cart_item i using left_over l where i.cart_id = ${guest} and i.id = l.id and l.quantity = 0
    )
    update cart_item i set quantity = l.quantity from left_over l where i.cart_id = ${guest} and i.id = l.id and l.quantity > 0`;
  // An item that is new to the cart left the other one as a whole just now, so it keeps its id.
  await tx`
    insert into cart_item (id, cart_id, variant_id, sku, quantity, shown_price)
    select p.id, ${own}, p."variantId", p.sku, p.quantity, p."shownPrice"
    from jsonb_to_recordset(${jsonb(tx, put)}) as p(id text, "variantId" text, sku text, quantity int, "shownPrice" jsonb)
    on conflict (cart_id, variant_id) do update set quantity = excluded.quantity, shown_price = excluded.shown_price`;
}
