import type { Payload } from "../../lib/contract.ts";
import type { Tx } from "../../lib/database.ts";
import type { filledUp, ranLow } from "./contract.ts";

/** False when there is no such SKU. */
export async function setThreshold(tx: Tx, sku: string, lowAt: number | null): Promise<boolean> {
  const changed = await tx`update shelf set low_at = ${lowAt} where sku = ${sku} returning 1`;
  return changed.length > 0;
}

/** Marks shelves that have come down to their threshold and returns them, but for those that somebody is just working on. */
export const markLow = (tx: Tx, usual: number, most: number): Promise<Payload<typeof ranLow>[]> => tx<Payload<typeof ranLow>[]>`
  update shelf s set is_low = true from (
    select sku from shelf
    where is_tracked and not is_low and on_hand - reserved <= coalesce(low_at, ${usual})
    order by sku limit ${most} for update skip locked
  ) as low
  where s.sku = low.sku returning s.sku, s.variant_id, s.on_hand - s.reserved as available, coalesce(s.low_at, ${usual}) as threshold`;

/** Takes the mark off shelves that were filled up again and returns them. */
export const unmarkFilled = (tx: Tx, usual: number): Promise<Payload<typeof filledUp>[]> => tx<Payload<typeof filledUp>[]>`
    update shelf s set is_low = false from (
      select sku from shelf where is_low and (not is_tracked or on_hand - reserved > coalesce(low_at, ${usual}))
      order by sku for update skip locked
    ) as filled
    where s.sku = filled.sku returning s.sku, s.on_hand - s.reserved as available`;
