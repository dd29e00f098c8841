import type { Input } from "../../lib/contract.ts";
import type { Tx } from "../../lib/database.ts";
import { jsonb } from "../../lib/json.ts";
import type { restock } from "./contract.ts";

interface NewReturn extends Pick<Input<typeof restock>, "orderId" | "lines"> {
  readonly id: string;
}

/** False when these goods have been put back already. Waits for whoever is just doing it. */
export async function insertReturn(tx: Tx, { id, orderId, lines }: NewReturn): Promise<boolean> {
  const inserted = await tx`
    insert into goods_return (id, order_id, lines) values (${id}, ${orderId}, ${jsonb(tx, lines)})
    on conflict do nothing returning 1`;
  return inserted.length > 0;
}

/** Puts the units of a return on tracked shelves, and returns the SKUs that became available by it. */
export async function putBack(tx: Tx, id: string): Promise<string[]> {
  const rows = await tx<{ sku: string }[]>`
    with back as (
      select line ->> 'sku' as sku, sum((line ->> 'quantity')::bigint)::bigint as quantity
      from goods_return, jsonb_array_elements(lines) as line where id = ${id} group by 1
    ), locked as (
      select s.sku, b.quantity from back b join shelf s using (sku) where s.is_tracked order by s.sku for update of s
    ), changed as (
      update shelf s set on_hand = s.on_hand + l.quantity from locked l where s.sku = l.sku returning s.sku, s.free, l.quantity
    ), noted as (
      insert into adjustment (sku, delta, reason, by) select sku, quantity, 'return', ${id} from changed
    )
    select sku from changed where free > 0 and free <= quantity order by sku`;
  return rows.map(({ sku }) => sku);
}
