import type { Output } from "../../lib/contract.ts";
import type { Sql } from "../../lib/database.ts";
import type { findLowStock } from "./contract.ts";
import type { Period } from "./model.ts";

const within = (sql: Sql, { from, until }: Period, at: string) =>
  sql`${sql(at)} >= ${from}::date and ${sql(at)} < ${until}::date + 1`;

const dayOf = (sql: Sql, at: string) => sql`to_char(${sql(at)} at time zone 'UTC', 'YYYY-MM-DD')`;

export interface SalesRow {
  readonly day: string;
  readonly orders: number;
  readonly cancelled: number;
  readonly revenue: number;
  readonly refunded: number;
}

/** Days on which something was confirmed or refunded. */
export const readSales = (sql: Sql, period: Period): Promise<SalesRow[]> => sql<SalesRow[]>`
  with confirmed as (
    select ${dayOf(sql, "at")} as day, count(*) filter (where not is_cancelled) as orders,
      count(*) filter (where is_cancelled) as cancelled, coalesce(sum(total) filter (where not is_cancelled), 0) as revenue
    from sale where ${within(sql, period, "at")} group by 1
  ), gone as (
    select ${dayOf(sql, "at")} as day, sum(amount) as refunded from refund where ${within(sql, period, "at")} group by 1
  )
  select day, coalesce(orders, 0)::int as orders, coalesce(cancelled, 0)::int as cancelled,
    coalesce(revenue, 0)::bigint as revenue, coalesce(refunded, 0)::bigint as refunded
  from confirmed full join gone using (day) order by day`;

export interface BestSeller {
  readonly variantId: string;
  readonly sku: string;
  readonly title: string;
  readonly variantTitle: string;
  readonly units: number;
  readonly revenue: number;
}

/** By units; what was refunded or cancelled was not sold. The name is that of the last sale. */
export const readBestSellers = (sql: Sql, { limit, ...period }: Period & { limit: number }): Promise<BestSeller[]> => sql<
  BestSeller[]
>`
  select sku, (array_agg(variant_id order by at desc))[1] as variant_id, (array_agg(title order by at desc))[1] as title,
    (array_agg(variant_title order by at desc))[1] as variant_title, sum(quantity - refunded)::int as units,
    sum(paid * (quantity - refunded) / quantity)::bigint as revenue
  from sale join sold using (order_id)
  where not is_cancelled and ${within(sql, period, "at")}
  group by sku having sum(quantity - refunded) > 0 order by units desc, revenue desc, sku limit ${limit}`;

export interface ConversionRow {
  readonly day: string;
  readonly started: number;
  readonly completed: number;
}

export const readConversion = (sql: Sql, period: Period): Promise<ConversionRow[]> => sql<ConversionRow[]>`
  select ${dayOf(sql, "started_at")} as day, count(*)::int as started, count(completed_at)::int as completed
  from cart where ${within(sql, period, "started_at")} group by 1 order by 1`;

type LowStock = Output<typeof findLowStock>["data"][number];

/** The soonest to run out first: by what is left of a week's sales. */
export const readLowStock = (sql: Sql): Promise<LowStock[]> => sql<LowStock[]>`
  select l.sku, l.variant_id, l.available, l.threshold, l.since, coalesce(week.units, 0)::int as sold_in_a_week
  from low_stock l left join lateral (
    select sum(s.quantity - s.refunded) as units from sold s join sale using (order_id)
    where s.sku = l.sku and not is_cancelled and at > now() - interval '7 days'
  ) as week on true
  order by l.available - coalesce(week.units, 0), l.sku limit 500`;
