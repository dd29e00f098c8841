import type { Payload } from "../../lib/contract.ts";
import type { Tx } from "../../lib/database.ts";
import { jsonb } from "../../lib/json.ts";
import type * as inventory from "../inventory/contract.ts";
import type * as orders from "../orders/contract.ts";

export async function insertSale(tx: Tx, order: Payload<typeof orders.confirmed>): Promise<void> {
  const { orderId, confirmedAt, totals, lines } = order;
  await tx`
    insert into sale (order_id, at, currency, total)
    values (${orderId}, ${confirmedAt}, ${totals.total.currency}, ${totals.total.amount})`;
  const sold = lines.map(({ total, discount, tax, ...line }) => ({ ...line, paid: total.amount + discount.amount + tax.amount }));
  await tx`
    insert into sold (order_id, sku, variant_id, title, variant_title, quantity, paid)
    select ${orderId}, sku, min("variantId"), min(title), min("variantTitle"), sum(quantity), sum(paid)
    from jsonb_to_recordset(${jsonb(tx, sold)})
      as l(sku text, "variantId" text, title text, "variantTitle" text, quantity int, paid bigint)
    group by sku`;
}

/** Orders that were never confirmed are none of ours. */
export async function cancelSale(tx: Tx, orderId: string): Promise<void> {
  await tx`update sale set is_cancelled = true where order_id = ${orderId}`;
}

export async function insertRefund(tx: Tx, refund: Payload<typeof orders.refunded>): Promise<void> {
  const { refundId, orderId, amount, refundedAt, lines } = refund;
  await tx`insert into refund (id, order_id, at, amount) values (${refundId}, ${orderId}, ${refundedAt}, ${amount.amount})`;
  await tx`
    update sold s set refunded = s.refunded + l.quantity
    from (
      select sku, sum(quantity)::int as quantity
      from jsonb_to_recordset(${jsonb(tx, lines)}) as given(sku text, quantity int) group by sku
    ) as l
    where s.order_id = ${orderId} and s.sku = l.sku`;
}

export async function startCart(tx: Tx, id: string, at: string): Promise<void> {
  await tx`insert into cart (id, started_at) values (${id}, ${at}) on conflict (id) do nothing`;
}

/** A cart that was started before this service was there counts from its completion. */
export async function completeCart(tx: Tx, id: string, at: string): Promise<void> {
  await tx`
    insert into cart (id, started_at, completed_at) values (${id}, ${at}, ${at})
    on conflict (id) do update set completed_at = excluded.completed_at`;
}

export async function putLow(tx: Tx, shelf: Payload<typeof inventory.ranLow>, at: string): Promise<void> {
  const { sku, variantId, available, threshold } = shelf;
  await tx`
    insert into low_stock (sku, variant_id, available, threshold, since)
    values (${sku}, ${variantId}, ${available}, ${threshold}, ${at})
    on conflict (sku) do update set variant_id = excluded.variant_id, available = excluded.available,
      threshold = excluded.threshold, since = excluded.since`;
}

export async function dropLow(tx: Tx, sku: string): Promise<void> {
  await tx`delete from low_stock where sku = ${sku}`;
}

/** Empties everything. */
export async function clear(tx: Tx): Promise<void> {
  await tx`truncate sale, sold, refund, cart, low_stock`;
}
