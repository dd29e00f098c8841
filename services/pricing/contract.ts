import { z } from "zod";
import { action } from "../../lib/contract.ts";
import { Money } from "../../lib/money.ts";
import { Sku, VariantId } from "../catalog/contract.ts";

/** An ISO 3166-1 alpha-2 country code, upper case. */
export const Country = z.string().regex(/^[A-Z]{2}$/, "must be a two-letter country code in capitals");

/** `total` = `items` + `discount` + `shipping` + `tax`. `discount` is never positive. `tax` is added to net prices, rounded per line. */
export const Totals = z.object({ items: Money, discount: Money, shipping: Money, tax: Money, total: Money });
export type Totals = z.output<typeof Totals>;

/** A line with the server's price: `total` = `unitPrice` x `quantity`, before tax. */
export const PricedLine = z.object({
  variantId: VariantId,
  sku: Sku,
  title: z.string(),
  variantTitle: z.string(),
  image: z.object({ url: z.string(), alt: z.string() }).nullable(),
  quantity: z.int().positive(),
  unitPrice: Money,
  total: Money,
  requiresShipping: z.boolean(),
});
export type PricedLine = z.output<typeof PricedLine>;

export const quote = action("pricing.quote", {
  summary: "Prices lines from the catalog's prices, with tax and shipping as far as country and option are known.",
  input: z.object({
    lines: z.array(z.object({ variantId: VariantId, quantity: z.int().positive() })).max(200),
    country: Country.optional(),
    shippingOptionId: z.string().max(60).optional(),
  }),
  output: z.discriminatedUnion("outcome", [
    z.object({ outcome: z.literal("quoted"), lines: z.array(PricedLine), totals: Totals }),
    /** Some variants are no longer sold; the other lines and the totals are without them. */
    z.object({ outcome: z.literal("incomplete"), unavailable: z.array(VariantId), lines: z.array(PricedLine), totals: Totals }),
    /** The shipping option does not serve that country. */
    z.object({ outcome: z.literal("unshippable") }),
  ]),
  repeat: "safe",
});
