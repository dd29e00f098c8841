import { z } from "zod";
import { action, page, paging } from "../../lib/contract.ts";
import { Id } from "../../lib/ids.ts";
import { Money } from "../../lib/money.ts";
import { ProductId, Sku, VariantId } from "../catalog/contract.ts";

const OrderId = Id("ord");

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
export type AppliedCoupon = z.output<typeof AppliedCoupon>;

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
export type CouponRefusal = z.output<typeof CouponRefusal>;
/** A coupon that takes nothing off as things are, and why. */
export const InapplicableCoupon = z.object({ code: z.string(), reason: CouponRefusal });
export type InapplicableCoupon = z.output<typeof InapplicableCoupon>;

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
  /** What all that has to be sent weighs. */
  grams: z.int(),
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
    /** The order that the lines are for already: what it has used of the coupons does not count against it. */
    orderId: OrderId.optional(),
  }),
  output: z.discriminatedUnion("outcome", [
    z.object({ outcome: z.literal("quoted"), ...Quoted }),
    /** Some variants are no longer sold; the other lines and the totals are without them. */
    z.object({ outcome: z.literal("incomplete"), unavailable: z.array(VariantId), ...Quoted }),
    /** The shipping option does not serve that country, or not such a weight. */
    z.object({ outcome: z.literal("unshippable") }),
  ]),
  repeat: "safe",
});

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

export const CouponType = z.enum(["percent", "amount", "free_shipping"]);
export type CouponType = z.output<typeof CouponType>;

const Count = z.int().min(1).max(1_000_000_000);
const MinorUnits = z.int().min(1).max(100_000_000_000);
const Products = z.array(ProductId).min(1).max(500);
const Categories = z.array(z.string().min(1).max(200)).min(1).max(100);
const Value = z.number().min(0).max(100_000_000_000);

/**
 * `value` is a percentage above 0 and up to 100 with at most two decimals, or an amount in minor units; it is 0 for free shipping.
 * `limit` is how many orders may use it, `perCustomer` how many of one buyer, `minimum` what the items that it is for must cost
 * before discounts. With `products` (ids) or `categories` (handles; what lies in them counts) it is for these only.
 */
export const Coupon = z.object({
  code: CouponCode,
  type: CouponType,
  value: Value,
  limit: Count.optional(),
  perCustomer: Count.optional(),
  minimum: MinorUnits.optional(),
  startsAt: z.iso.datetime().optional(),
  endsAt: z.iso.datetime().optional(),
  products: Products.optional(),
  categories: Categories.optional(),
  /** How many orders have used it. */
  used: z.int(),
  createdAt: z.iso.datetime(),
  /** An archived coupon is unknown to buyers. Its code is never given again. */
  archivedAt: z.iso.datetime().optional(),
});
export type Coupon = z.output<typeof Coupon>;

const Code = z.object({ code: CouponCode });

export const findCoupons = action("pricing.findCoupons", {
  summary: "Coupons by code; archived ones only if asked for.",
  input: z.object({ archived: z.boolean().default(false), ...paging }),
  output: page(Coupon),
  access: "admin",
  http: "GET /admin/v1/coupons",
});

export const createCoupon = action("pricing.createCoupon", {
  summary: "Makes a coupon.",
  input: Coupon.omit({ used: true, createdAt: true, archivedAt: true }).extend({ value: Value.default(0) }),
  output: Coupon,
  access: "admin",
  http: { route: "POST /admin/v1/coupons", status: 201, faults: ["conflict"] },
});

export const getCoupon = action("pricing.getCoupon", {
  summary: "One coupon, with how often it was used.",
  input: Code,
  output: Coupon,
  access: "admin",
  http: { route: "GET /admin/v1/coupons/:code", faults: ["not_found"] },
});

export const changeCoupon = action("pricing.changeCoupon", {
  summary: "Changes a coupon; null takes a condition away. Orders that have used it stay as they are.",
  input: z.object({
    code: CouponCode,
    value: Value.optional(),
    limit: Count.nullish(),
    perCustomer: Count.nullish(),
    minimum: MinorUnits.nullish(),
    startsAt: z.iso.datetime().nullish(),
    endsAt: z.iso.datetime().nullish(),
    products: Products.nullish(),
    categories: Categories.nullish(),
  }),
  output: Coupon,
  access: "admin",
  http: { route: "PATCH /admin/v1/coupons/:code", faults: ["not_found", "conflict"] },
});

export const archiveCoupon = action("pricing.archiveCoupon", {
  summary: "Takes a coupon out of use for good.",
  input: Code,
  output: Coupon,
  access: "admin",
  http: { route: "DELETE /admin/v1/coupons/:code", faults: ["not_found"] },
});

/** Which of a country's rates applies to a product: `standard`, `reduced`, `zero` or a name of the shop's own. */
export const TaxClass = z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/, "has small letters, digits, - and _ only, at most 40");
export type TaxClass = z.output<typeof TaxClass>;

/** 1900 basis points are 19 %. */
export const TaxRate = z.object({ country: Country, taxClass: TaxClass, basisPoints: z.int().min(0).max(10_000) });

export const findTaxRates = action("pricing.findTaxRates", {
  summary:
    "Tax rates by country and class. A class without a rate is taxed at the standard rate, a country without any not at all.",
  input: z.object({ country: Country.optional(), ...paging }),
  output: page(TaxRate),
  access: "admin",
  http: "GET /admin/v1/tax-rates",
});

export const setTaxRate = action("pricing.setTaxRate", {
  summary: "Sets a country's rate for a class.",
  input: TaxRate,
  output: TaxRate,
  access: "admin",
  http: "PUT /admin/v1/tax-rates/:country/:taxClass",
});

export const removeTaxRate = action("pricing.removeTaxRate", {
  summary: "Takes a rate away.",
  input: TaxRate.omit({ basisPoints: true }),
  output: z.object({}),
  access: "admin",
  http: { route: "DELETE /admin/v1/tax-rates/:country/:taxClass", faults: ["not_found"] },
});

export const PriceListId = Id("plist");

/**
 * Prices that stand in for the catalog's while the list is active. Where several lists name a variant the one with the highest
 * `priority` counts, then the one that started last.
 */
export const PriceList = z.object({
  id: PriceListId,
  name: z.string().trim().min(1).max(120),
  priority: z.int().min(-1_000).max(1_000),
  startsAt: z.iso.datetime().optional(),
  endsAt: z.iso.datetime().optional(),
  isActive: z.boolean(),
  /** How many variants it has a price for. */
  count: z.int(),
  createdAt: z.iso.datetime(),
  archivedAt: z.iso.datetime().optional(),
});
export type PriceList = z.output<typeof PriceList>;

const ListId = z.object({ id: PriceListId });

export const findPriceLists = action("pricing.findPriceLists", {
  summary: "Price lists, newest first; archived ones only if asked for.",
  input: z.object({ archived: z.boolean().default(false), ...paging }),
  output: page(PriceList),
  access: "admin",
  http: "GET /admin/v1/price-lists",
});

export const createPriceList = action("pricing.createPriceList", {
  summary: "Makes a price list without prices.",
  input: PriceList.pick({ name: true, startsAt: true, endsAt: true }).extend({ priority: PriceList.shape.priority.default(0) }),
  output: PriceList,
  access: "admin",
  http: { route: "POST /admin/v1/price-lists", status: 201 },
});

export const getPriceList = action("pricing.getPriceList", {
  summary: "One price list, without its prices.",
  input: ListId,
  output: PriceList,
  access: "admin",
  http: { route: "GET /admin/v1/price-lists/:id", faults: ["not_found"] },
});

export const changePriceList = action("pricing.changePriceList", {
  summary: "Changes a price list; null takes a date away.",
  input: z.object({
    id: PriceListId,
    name: PriceList.shape.name.optional(),
    priority: PriceList.shape.priority.optional(),
    startsAt: z.iso.datetime().nullish(),
    endsAt: z.iso.datetime().nullish(),
  }),
  output: PriceList,
  access: "admin",
  http: { route: "PATCH /admin/v1/price-lists/:id", faults: ["not_found", "conflict"] },
});

export const archivePriceList = action("pricing.archivePriceList", {
  summary: "Takes a price list out of use for good.",
  input: ListId,
  output: PriceList,
  access: "admin",
  http: { route: "DELETE /admin/v1/price-lists/:id", faults: ["not_found"] },
});

const Amount = z.int().min(0).max(100_000_000_000);

export const findPrices = action("pricing.findPrices", {
  summary: "The prices of a list, by variant, in minor units.",
  input: z.object({ id: PriceListId, ...paging }),
  output: page(z.object({ variantId: VariantId, amount: Amount })),
  access: "admin",
  http: { route: "GET /admin/v1/price-lists/:id/prices", faults: ["not_found"] },
});

export const setPrices = action("pricing.setPrices", {
  summary: "Sets many prices of a list at once, in minor units; null takes one away. What is not named stays as it is.",
  input: z.object({
    id: PriceListId,
    prices: z
      .array(z.object({ variantId: VariantId, amount: Amount.nullable() }))
      .min(1)
      .max(500),
  }),
  output: PriceList,
  access: "admin",
  http: { route: "PUT /admin/v1/price-lists/:id/prices", faults: ["not_found", "conflict"] },
});
