import type { Input } from "../../lib/contract.ts";
import { fault } from "../../lib/fault.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import type * as pricing from "./contract.ts";
import * as store from "./coupon-store.ts";
import { keptValue, shownValue } from "./discounts.ts";
import { isPeriod } from "./model.ts";
import { pageOf } from "../../lib/contract.ts";

const shown = (kept: store.KeptCoupon): pricing.Coupon => ({
  code: kept.code,
  type: kept.type,
  value: shownValue(kept.type, kept.value),
  ...(kept.usageLimit !== null && { limit: kept.usageLimit }),
  ...(kept.perCustomer !== null && { perCustomer: kept.perCustomer }),
  ...(kept.minimum !== null && { minimum: kept.minimum }),
  ...(kept.startsAt !== null && { startsAt: kept.startsAt }),
  ...(kept.endsAt !== null && { endsAt: kept.endsAt }),
  ...(kept.products.length > 0 && { products: kept.products as pricing.Coupon["products"] }),
  ...(kept.categories.length > 0 && { categories: [...kept.categories] }),
  used: kept.used,
  createdAt: kept.createdAt,
  ...(kept.archivedAt !== null && { archivedAt: kept.archivedAt }),
});

export const findCoupons =
  ({ db }: Resources): Handler<typeof pricing.findCoupons> =>
  async ({ archived, limit, cursor }) => {
    const found = await store.findCoupons(db.sql, { archived, cursor, limit: limit + 1 });
    return pageOf(found.map(shown), limit, ({ code }) => code);
  };

export const getCoupon =
  ({ db }: Resources): Handler<typeof pricing.getCoupon> =>
  async ({ code }) => {
    const kept = await store.findCoupon(db.sql, code);
    if (!kept) throw noCoupon();
    return shown(kept);
  };

export const createCoupon: Handler<typeof pricing.createCoupon> = (input, ctx) =>
  ctx.commit(async (tx) => {
    const kept = await store.insertCoupon(tx, rowOf(input));
    if (!kept) throw fault("conflict", `There is or was a coupon "${input.code}".`);
    return shown(kept);
  });

/** The conditions that were there and the changes make a whole, which has to keep the rules, so the coupon is locked meanwhile. */
export const changeCoupon: Handler<typeof pricing.changeCoupon> = ({ code, ...changes }, ctx) =>
  ctx.commit(async (tx) => {
    const kept = await store.lockCoupon(tx, code);
    if (!kept) throw noCoupon();
    if (kept.archivedAt) throw fault("conflict", "The coupon was archived.");
    const { type, value, ...conditions } = shown(kept);
    return shown(await store.updateCoupon(tx, rowOf({ ...conditions, ...changes, code, type, value: changes.value ?? value })));
  });

export const archiveCoupon: Handler<typeof pricing.archiveCoupon> = ({ code }, ctx) =>
  ctx.commit(async (tx) => {
    const kept = await store.archiveCoupon(tx, code);
    if (!kept) throw noCoupon();
    return shown(kept);
  });

/** A coupon before it is kept: a condition that is null or left out is none. */
type Whole = Omit<Input<typeof pricing.changeCoupon>, "value"> & Pick<pricing.Coupon, "type" | "value">;

const VALUES = {
  percent: "must be above 0 and up to 100, with at most two decimals",
  amount: "must be a whole number of minor units above 0",
  free_shipping: "",
};

function rowOf({ code, type, value, products, categories, ...rest }: Whole): store.CouponRow {
  const kept = keptValue(type, value);
  if (kept === undefined) throw invalid("value", VALUES[type]);
  if (!isPeriod(rest)) throw invalid("endsAt", "must be later than startsAt");
  return {
    code,
    type,
    value: kept,
    usageLimit: rest.limit ?? null,
    perCustomer: rest.perCustomer ?? null,
    minimum: rest.minimum ?? null,
    startsAt: rest.startsAt ?? null,
    endsAt: rest.endsAt ?? null,
    products: products ?? [],
    categories: categories ?? [],
  };
}

const noCoupon = () => fault("not_found", "There is no such coupon.");

const invalid = (field: string, message: string) =>
  fault("invalid", `The request is not what it should be. ${field}: ${message}.`, { details: [{ field, message }] });
