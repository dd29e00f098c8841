import type { Sql, Tx } from "../../lib/database.ts";
import { jsonb } from "../../lib/json.ts";

interface ParcelSize {
  readonly country: string;
  readonly grams: number;
  /** What the items cost; null when that is not known. */
  readonly total: number | null;
}

export interface OptionRow {
  readonly id: string;
  readonly name: string;
  readonly amount: number;
  readonly estimate: string;
  readonly freeFrom: number | null;
}

/** What takes such a parcel to a country, cheapest first. */
export const findOptions = (sql: Sql, { country, grams, total }: ParcelSize): Promise<OptionRow[]> => sql<OptionRow[]>`
  select * from (
    select distinct on (o.id) o.id, o.name, r.estimate, r.free_from,
      case when ${total}::bigint >= r.free_from then 0 else r.amount end as amount
    from country c join rate r on r.zone = c.zone join shipping_option o on o.id = r.option_id
    where c.code = ${country} and r.up_to_grams >= ${grams} and not o.is_archived
    order by o.id, r.up_to_grams
  ) as fitting order by amount, id`;

interface NewParcel {
  readonly id: string;
  readonly orderId: string;
  readonly optionId: string;
  readonly address: object;
  readonly lines: readonly object[];
}

/** False when the order has its parcel already. */
export async function insertParcel(tx: Tx, { id, orderId, optionId, address, lines }: NewParcel): Promise<boolean> {
  const inserted = await tx`
    insert into parcel (id, order_id, option_id, address, lines)
    values (${id}, ${orderId}, ${optionId}, ${jsonb(tx, address)}, ${jsonb(tx, lines)})
    on conflict (order_id) do nothing returning 1`;
  return inserted.length > 0;
}
