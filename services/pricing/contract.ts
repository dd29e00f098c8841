import { z } from "zod";
import { action } from "../../lib/contract.ts";
import { Id } from "../../lib/ids.ts";
import { Money } from "../../lib/money.ts";
import { Sku, VariantId } from "../catalog/contract.ts";

/** An ISO 3166-1 alpha-2 country code, upper case. */
export const Country = z.string().regex(/^[A-Z]{2}$/, "must be a two-letter country code in capitals");

/**
 * `total` = `items` + `discount` + `shipping` + `tax`. `discount` is never positive. `tax` is what is added to net prices, rounded
 * per line; where the shop's prices include tax it is 0, and `includedTax` says how much of the total is tax.
 */
export const Totals = z.object({ items: Money, discount: Money, shipping: Money, tax: Money, includedTax: Money, total: Money });
export type Totals = z.output<typeof Totals>;

/** A coupon's code, as people write it: case and spaces around it do not matter. */
export const CouponCode = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z0-9][A-Z0-9_-]{0,39}$/, "has letters, digits, - and _ only, at most 40");

/** A coupon and what it takes off, which is never positive. */
export const AppliedCoupon = z.object({ code: z.string(), discount: Money });

export const CouponRefusal = z.enum([
  "unknown",
  "not_started",
  "ended",
  "spent",
  "below_minimum",
  "nothing_applies",
  /** No order of this buyer may use it again. */
  "spent_by_customer",
]);
/** A coupon that takes nothing off as things are, and why. */
export const InapplicableCoupon = z.object({ code: z.string(), reason: CouponRefusal });

/**
 * A line with the server's price: `total` = `unitPrice` x `quantity`. What is paid for it is `total` + `discount` + `tax`; the
 * discount is the line's share of all coupons.
 */
export const PricedLine = z.object({
  variantId: VariantId,
  sku: Sku,
  title: z.string(),
  variantTitle: z.string(),
  image: z.object({ url: z.string(), alt: z.string() }).nullable(),
  quantity: z.int().positive(),
  unitPrice: Money,
  total: Money,
  discount: Money,
  tax: Money,
  includedTax: Money,
  requiresShipping: z.boolean(),
});
export type PricedLine = z.output<typeof PricedLine>;

const Quoted = {
  lines: z.array(PricedLine),
  totals: Totals,
  coupons: z.array(AppliedCoupon),
  inapplicable: z.array(InapplicableCoupon),
};

export const quote = action("pricing.quote", {
  summary: "Prices lines from the catalog's prices, with tax and shipping as far as country and option are known.",
  input: z.object({
    lines: z.array(z.object({ variantId: VariantId, quantity: z.int().positive() })).max(200),
    country: Country.optional(),
    shippingOptionId: z.string().max(60).optional(),
    coupons: z.array(CouponCode).max(5).default([]),
    /** The buyer's email address, for limits per customer. */
    buyer: z.string().max(254).optional(),
  }),
  output: z.discriminatedUnion("outcome", [
    z.object({ outcome: z.literal("quoted"), ...Quoted }),
    /** Some variants are no longer sold; the other lines and the totals are without them. */
    z.object({ outcome: z.literal("incomplete"), unavailable: z.array(VariantId), ...Quoted }),
    /** The shipping option does not serve that country. */
    z.object({ outcome: z.literal("unshippable") }),
  ]),
  repeat: "safe",
});

const OrderId = Id("ord");

export const redeemCoupons = action("pricing.redeemCoupons", {
  summary: "Counts an order's coupons as used: all or none, never above a limit. The same order again gives the same answer.",
  input: z.object({ orderId: OrderId, codes: z.array(CouponCode).min(1).max(5), buyer: z.string().max(254) }),
  output: z.discriminatedUnion("outcome", [
    z.object({ outcome: z.literal("redeemed") }),
    z.object({ outcome: z.literal("unavailable"), coupons: z.array(InapplicableCoupon) }),
    /** The order's coupons were given back before this arrived. */
    z.object({ outcome: z.literal("returned") }),
  ]),
  repeat: "keyed",
});

export const returnCoupons = action("pricing.returnCoupons", {
  summary: "Gives back whatever coupons an order has used. A redemption that arrives later is refused.",
  input: z.object({ orderId: OrderId }),
  output: z.object({}),
  repeat: "keyed",
});
