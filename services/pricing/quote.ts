import { type Money, money } from "../../lib/money.ts";
import type { Ctx, Handler, Resources } from "../../lib/service.ts";
import * as catalog from "../catalog/contract.ts";
import * as shipping from "../shipping/contract.ts";
import type * as pricing from "./contract.ts";
import { merged, priced, totalsOf, type Wanted } from "./model.ts";
import * as store from "./store.ts";

/** Prices lines: whatever has to be asked is asked at the same time. */
export const quote =
  ({ db, config: { currency } }: Resources): Handler<typeof pricing.quote> =>
  async ({ lines: given, country, shippingOptionId }, ctx) => {
    const wanted = merged(given);
    const nothing = money(0, currency);
    const [variants, basisPoints, parcel] = await Promise.all([
      findVariants(ctx, wanted),
      country ? store.findTaxRate(db.sql, country) : 0,
      country && shippingOptionId ? findOptionPrice(ctx, country, shippingOptionId) : nothing,
    ]);
    const { lines, unavailable } = priced(wanted, variants);
    const price = lines.some((line) => line.requiresShipping) ? parcel : nothing;
    if (!price) return { outcome: "unshippable" };
    const totals = totalsOf(lines, { currency, basisPoints, shipping: price });
    return unavailable.length > 0 ? { outcome: "incomplete", unavailable, lines, totals } : { outcome: "quoted", lines, totals };
  };

async function findVariants({ call }: Ctx, wanted: readonly Wanted[]) {
  if (wanted.length === 0) return [];
  const { variants } = await call(catalog.findVariants, { variantIds: wanted.map(({ variantId }) => variantId) });
  return variants;
}

async function findOptionPrice({ call }: Ctx, country: string, optionId: string): Promise<Money | undefined> {
  const { options } = await call(shipping.findOptions, { country });
  return options.find(({ id }) => id === optionId)?.price;
}
