import { newId } from "../../lib/ids.ts";
import { money } from "../../lib/money.ts";
import { type Coupon, type Line, priced, type Sold } from "./model.ts";

export const EUR = (amount: number) => money(amount, "EUR");

/** A variant that is sold. */
export const variant = (price: number, more: Partial<Sold> = {}): Sold => ({
  id: newId("var"),
  sku: "BRICK",
  productTitle: "Brick",
  title: "Red",
  image: null,
  price: EUR(price),
  requiresShipping: true,
  productId: newId("prod"),
  categories: [],
  isTaxable: true,
  taxClass: "standard",
  grams: 10,
  ...more,
});

/** A priced line without discount and tax. */
export function line(price: number, quantity: number, more: Partial<Sold> = {}): Line {
  const sold = variant(price, more);
  return priced([{ variantId: sold.id, quantity }], [sold]).lines[0]!;
}

/** A coupon that everybody may use for everything. */
export const coupon = (code: string, type: Coupon["type"], value = 0, more: Partial<Coupon> = {}): Coupon => ({
  code,
  type,
  value,
  minimum: null,
  products: [],
  categories: [],
  refusal: null,
  ...more,
});
