import { add, type Money, money, share, times } from "../../lib/money.ts";
import type { PricedLine, Totals } from "./contract.ts";

type VariantId = PricedLine["variantId"];

/** So many of a variant. */
export interface Wanted {
  readonly variantId: VariantId;
  readonly quantity: number;
}

/** What is known of a variant that is sold. */
export interface Sold extends Pick<PricedLine, "sku" | "title" | "image" | "requiresShipping"> {
  readonly id: VariantId;
  readonly productTitle: string;
  readonly price: Money;
  readonly isTaxable: boolean;
}

export interface TaxableLine extends PricedLine {
  readonly isTaxable: boolean;
}

/** One line for each variant, in the order of first mention: so the rounding does not depend on how a quantity was split. */
export function merged(lines: readonly Wanted[]): Wanted[] {
  const quantities = new Map<VariantId, number>();
  for (const { variantId, quantity } of lines) quantities.set(variantId, (quantities.get(variantId) ?? 0) + quantity);
  return [...quantities].map(([variantId, quantity]) => ({ variantId, quantity }));
}

/** Prices the lines whose variants are sold and names the variants that are not. */
export function priced(lines: readonly Wanted[], variants: readonly Sold[]): { lines: TaxableLine[]; unavailable: VariantId[] } {
  const sold = new Map(variants.map((variant) => [variant.id, variant]));
  const all = lines.map(({ variantId, quantity }) => ({ variantId, quantity, variant: sold.get(variantId) }));
  return {
    lines: all.flatMap(({ variant, quantity }) => (variant ? [pricedLine(variant, quantity)] : [])),
    unavailable: all.filter(({ variant }) => !variant).map(({ variantId }) => variantId),
  };
}

function pricedLine({ id, price, productTitle, title, ...rest }: Sold, quantity: number): TaxableLine {
  const { sku, image, requiresShipping, isTaxable } = rest;
  const total = times(price, quantity);
  return {
    variantId: id,
    sku,
    title: productTitle,
    variantTitle: title,
    image,
    quantity,
    unitPrice: price,
    total,
    requiresShipping,
    isTaxable,
  };
}

interface Terms {
  readonly currency: string;
  /** The tax rate: 1900 is 19 %. */
  readonly basisPoints: number;
  /** The price of the parcel, before tax. */
  readonly shipping: Money;
}

/** Adds up. Tax is rounded for each line and for the parcel, never on a sum. */
export function totalsOf(lines: readonly TaxableLine[], { currency, basisPoints, shipping }: Terms): Totals {
  const nothing = money(0, currency);
  const items = add(nothing, ...lines.map(({ total }) => total));
  const taxed = [...lines.filter(({ isTaxable }) => isTaxable).map(({ total }) => total), shipping];
  const tax = add(nothing, ...taxed.map((amount) => share(amount, basisPoints)));
  const discount = nothing;
  return { items, discount, shipping, tax, total: add(items, discount, shipping, tax) };
}
