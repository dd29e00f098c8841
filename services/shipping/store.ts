import type { Sql, Tx } from "../../lib/database.ts";
import { jsonb } from "../../lib/json.ts";

export interface OptionRow {
  readonly id: string;
  readonly name: string;
  readonly amount: number;
  readonly estimate: string;
}

/** What serves a country, cheapest first. */
export const findOptions = (sql: Sql, country: string): Promise<OptionRow[]> => sql<OptionRow[]>`
  select o.id, o.name, r.amount, r.estimate
  from country c join rate r on r.zone = c.zone join shipping_option o on o.id = r.option_id
  where c.code = ${country} order by r.amount, o.id`;

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
