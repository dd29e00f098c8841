import type { Sql, Tx } from "../../lib/database.ts";
import { jsonb } from "../../lib/json.ts";
import type { CouponType, InapplicableCoupon } from "./contract.ts";
import { refusal } from "./store.ts";

interface Use {
  readonly orderId: string;
  readonly codes: readonly string[];
  readonly buyer: string;
}

/** Locks coupons, always in the order of their codes. */
export async function lockCoupons(tx: Tx, codes: readonly string[]): Promise<void> {
  await tx`select from coupon where code = any(${[...codes]}::text[]) order by code for update`;
}

export async function lockCouponsOf(tx: Tx, orderId: string): Promise<void> {
  await tx`
    select from coupon where code in (select code from redemption where order_id = ${orderId}) order by code for update`;
}

/** Those that the buyer cannot use, and why. The coupons must be locked, by a statement before, for this to stay true. */
export async function findRefusals(tx: Tx, { codes, buyer }: Use): Promise<InapplicableCoupon[]> {
  return tx<InapplicableCoupon[]>`
    select * from (
      select wanted.code, case when c.code is null then 'unknown' else ${refusal(tx, buyer)} end as reason
      from unnest(${[...codes]}::text[]) with ordinality as wanted (code, place) left join coupon c on c.code = wanted.code
      order by wanted.place
    ) as judged where reason is not null`;
}

/** Counts the coupons as used by the order; throws when one of them is used up, which `findRefusals` would have said. */
export async function countUse(tx: Tx, { orderId, codes, buyer }: Use): Promise<void> {
  const counted = await tx`
    with used as (
      update coupon set used = used + 1
      where code = any(${[...codes]}::text[]) and coalesce(used < usage_limit, true) returning code, per_customer
    ), by_buyer as (
      insert into coupon_use as u (code, buyer, used) select code, ${buyer}, 1 from used
      on conflict (code, buyer) do update set used = u.used + 1
      where coalesce(u.used < (select per_customer from used where used.code = u.code), true)
      returning code
    )
    insert into redemption (order_id, code, buyer) select ${orderId}, code, ${buyer} from by_buyer returning 1`;
  if (counted.length !== codes.length) throw new Error(`coupons of ${orderId} were used up under their locks`);
}

/** Gives back what the order has used and has not given back. */
export async function returnUse(tx: Tx, orderId: string): Promise<void> {
  await tx`
    with given as (
      update redemption set returned_at = now() where order_id = ${orderId} and returned_at is null returning code, buyer
    ), by_buyer as (
      update coupon_use u set used = u.used - 1 from given g where u.code = g.code and u.buyer = g.buyer
    )
    update coupon c set used = c.used - 1 from given g where c.code = g.code`;
}

/** A coupon as it is kept. */
export interface CouponRow {
  readonly code: string;
  readonly type: CouponType;
  /** Basis points of a percent, minor units of an amount. */
  readonly value: number;
  readonly usageLimit: number | null;
  readonly perCustomer: number | null;
  readonly minimum: number | null;
  readonly startsAt: string | null;
  readonly endsAt: string | null;
  readonly products: readonly string[];
  readonly categories: readonly string[];
}

export interface KeptCoupon extends CouponRow {
  readonly used: number;
  readonly createdAt: string;
  readonly archivedAt: string | null;
}

/** Undefined when there was such a code before. */
export async function insertCoupon(tx: Tx, row: CouponRow): Promise<KeptCoupon | undefined> {
  const { products, categories } = row;
  const [kept] = await tx<KeptCoupon[]>`
    insert into coupon ${tx({ ...row, products: jsonb(tx, products), categories: jsonb(tx, categories) } as never)}
    on conflict do nothing returning *`;
  return kept;
}

export async function updateCoupon(tx: Tx, { code, type: _fixed, ...row }: CouponRow): Promise<KeptCoupon> {
  const { products, categories } = row;
  const [kept] = await tx<[KeptCoupon]>`
    update coupon set ${tx({ ...row, products: jsonb(tx, products), categories: jsonb(tx, categories) } as never)}
    where code = ${code} returning *`;
  return kept;
}

export async function findCoupon(sql: Sql, code: string): Promise<KeptCoupon | undefined> {
  const [row] = await sql<KeptCoupon[]>`select * from coupon where code = ${code}`;
  return row;
}

/** The coupon, so that nobody changes it before this transaction is over. */
export async function lockCoupon(tx: Tx, code: string): Promise<KeptCoupon | undefined> {
  const [row] = await tx<KeptCoupon[]>`select * from coupon where code = ${code} for update`;
  return row;
}

/** Undefined when there is no such coupon. Archiving again changes nothing. */
export async function archiveCoupon(tx: Tx, code: string): Promise<KeptCoupon | undefined> {
  const [row] = await tx<KeptCoupon[]>`
    update coupon set archived_at = coalesce(archived_at, now()) where code = ${code} returning *`;
  return row;
}

interface Listing {
  readonly archived: boolean;
  readonly limit: number;
  /** The last code of the page before. */
  readonly cursor?: string | undefined;
}

export const findCoupons = (sql: Sql, { archived, limit, cursor }: Listing): Promise<KeptCoupon[]> => sql<KeptCoupon[]>`
  select * from coupon where (archived_at is not null) = ${archived} and code > ${cursor ?? ""} order by code limit ${limit}`;
