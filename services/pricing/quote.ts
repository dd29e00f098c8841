import { type Money, money } from "../../lib/money.ts";
import type { Input } from "../../lib/contract.ts";
import type { Ctx, Handler, Resources } from "../../lib/service.ts";
import * as catalog from "../catalog/contract.ts";
import * as shipping from "../shipping/contract.ts";
import { buyerOf } from "./buyer.ts";
import type * as pricing from "./contract.ts";
import { discounted } from "./discounts.ts";
import { goodsTotal, gramsOf, type Line, merged, priced, taxed, totalsOf, type Wanted } from "./model.ts";
import * as store from "./store.ts";

type Query = Input<typeof pricing.quote>;

/** Prices lines: what does not depend on one another is asked at the same time. */
export const quote =
  ({ db, config: { currency, pricesIncludeTax } }: Resources): Handler<typeof pricing.quote> =>
  async (query, ctx) => {
    const wanted = merged(query.lines);
    const [variants, terms] = await Promise.all([findVariants(ctx, wanted), store.findTerms(db.sql, questionOf(query, wanted))]);
    const { lines, unavailable } = priced(wanted, variants, new Map(Object.entries(terms.prices)));
    const coupons = new Map(terms.coupons.map((coupon) => [coupon.code, coupon]));
    // What the parcel costs depends on what the goods cost, so their discounts come first.
    const goods = discounted({ lines, price: null, currency }, query.coupons, coupons);
    const price = await findParcelPrice(ctx, query, goods.lines, currency);
    if (price === "unshippable") return { outcome: "unshippable" };
    const { parcel, ...reduced } = discounted({ lines, price, currency }, query.coupons, coupons);
    const taxation = { rates: new Map(Object.entries(terms.rates)), isIncluded: pricesIncludeTax };
    const all = taxed(reduced.lines, taxation);
    const totals = totalsOf(all, parcel, taxation);
    const quoted = { ...reduced, lines: all, totals, grams: gramsOf(all) };
    return unavailable.length > 0 ? { outcome: "incomplete", unavailable, ...quoted } : { outcome: "quoted", ...quoted };
  };

const questionOf = ({ country, coupons, buyer, orderId }: Query, wanted: readonly Wanted[]) => ({
  country: country ?? null,
  variantIds: wanted.map(({ variantId }) => variantId),
  codes: coupons,
  buyer: buyer === undefined ? null : buyerOf(buyer),
  orderId: orderId ?? null,
});

async function findVariants({ call }: Ctx, wanted: readonly Wanted[]) {
  if (wanted.length === 0) return [];
  const { variants } = await call(catalog.findVariants, { variantIds: wanted.map(({ variantId }) => variantId) });
  return variants;
}

/** Nothing where nothing has to be sent; null as long as country or option are not known. */
async function findParcelPrice(
  { call }: Ctx,
  { country, shippingOptionId }: Query,
  lines: readonly Line[],
  currency: string,
): Promise<Money | null | "unshippable"> {
  if (!lines.some((line) => line.requiresShipping)) return money(0, currency);
  if (!country || !shippingOptionId) return null;
  const { options } = await call(shipping.findOptions, { country, grams: gramsOf(lines), total: goodsTotal(lines, currency) });
  return options.find(({ id }) => id === shippingOptionId)?.price ?? "unshippable";
}
