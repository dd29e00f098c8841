import type { Sql, Tx } from "../../lib/database.ts";
import type { Coupon } from "./model.ts";

interface Question {
  readonly country: string | null;
  readonly variantIds: readonly string[];
  readonly codes: readonly string[];
  readonly buyer: string | null;
  readonly orderId: string | null;
}

/** What this service says about a purchase. */
export interface Terms {
  readonly rates: Readonly<Record<string, number>>;
  readonly prices: Readonly<Record<string, number>>;
  readonly coupons: readonly Coupon[];
}

/** Why a coupon `c` cannot be used now, by anybody or by this buyer; null when it can. */
export const refusal = (sql: Sql | Tx, buyer: string | null) => sql`
  case
    when c.archived_at is not null then 'unknown'
    when c.starts_at > now() then 'not_started'
    when c.ends_at <= now() then 'ended'
    when c.used >= c.usage_limit then 'spent'
    when (select u.used from coupon_use u where u.code = c.code and u.buyer = ${buyer}) >= c.per_customer then 'spent_by_customer'
  end`;

/** Whether a price list `l` counts now. */
export const isActive = (sql: Sql | Tx) => sql`
  (l.archived_at is null and coalesce(l.starts_at <= now(), true) and coalesce(l.ends_at > now(), true))`;

/** The country's tax rates, the listed prices and the coupons, in one statement. The database's clock decides what is active. */
export async function findTerms(sql: Sql, { country, variantIds, codes, buyer, orderId }: Question): Promise<Terms> {
  const [terms] = await sql<[Terms]>`
    select
      (select coalesce(jsonb_object_agg(tax_class, basis_points), '{}') from class_rate where country = ${country}) as rates,
      (select coalesce(jsonb_object_agg(variant_id, amount), '{}') from (
         select distinct on (p.variant_id) p.variant_id, p.amount
         from price p join price_list l on l.id = p.list_id
         where p.variant_id = any(${[...variantIds]}::text[]) and ${isActive(sql)}
         order by p.variant_id, l.priority desc, l.starts_at desc nulls last, l.id desc
       ) as best) as prices,
      (select coalesce(jsonb_agg(jsonb_build_object(
         'code', c.code, 'type', c.type, 'value', c.value, 'minimum', c.minimum,
         'products', c.products, 'categories', c.categories,
         'refusal', case when r.code is null then ${refusal(sql, buyer)} end)), '[]')
       from coupon c
       left join redemption r on r.code = c.code and r.order_id = ${orderId} and r.returned_at is null
       where c.code = any(${[...codes]}::text[])) as coupons`;
  return terms;
}
