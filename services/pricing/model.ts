import { add, type Money, money, share, times } from "../../lib/money.ts";
import type { CouponRefusal, CouponType, PricedLine, TaxClass, Totals } from "./contract.ts";

type VariantId = PricedLine["variantId"];

/** So many of a variant. */
export interface Wanted {
  readonly variantId: VariantId;
  readonly quantity: number;
}

/** What discounts and tax must know of a line, besides its price. */
interface Nature {
  readonly productId: string;
  readonly categories: readonly string[];
  readonly isTaxable: boolean;
  readonly taxClass: string;
  readonly grams: number;
}

/** What is known of a variant that is sold. */
export interface Sold extends Nature, Pick<PricedLine, "sku" | "title" | "image" | "requiresShipping"> {
  readonly id: VariantId;
  readonly productTitle: string;
  readonly price: Money;
}

/** A line while its price is being worked out. */
export interface Line extends PricedLine, Nature {}

/** A coupon as the rules see it. */
export interface Coupon {
  readonly code: string;
  readonly type: CouponType;
  /** Basis points of a percent, minor units of an amount, nothing for free shipping. */
  readonly value: number;
  readonly minimum: number | null;
  /** Ids of products and handles of categories; with both empty it is for everything. */
  readonly products: readonly string[];
  readonly categories: readonly string[];
  /** Why nobody may use it now, or this buyer may not. */
  readonly refusal: CouponRefusal | null;
}

/** Tax rates of one country in basis points, by tax class: 1900 is 19 %. */
export type Rates = ReadonlyMap<TaxClass, number>;

/** One line for each variant, in the order of first mention: so the rounding does not depend on how a quantity was split. */
export function merged(lines: readonly Wanted[]): Wanted[] {
  const quantities = new Map<VariantId, number>();
  for (const { variantId, quantity } of lines) quantities.set(variantId, (quantities.get(variantId) ?? 0) + quantity);
  return [...quantities].map(([variantId, quantity]) => ({ variantId, quantity }));
}

/** Prices the lines whose variants are sold and names the variants that are not. A listed price stands in for the catalog's. */
export function priced(
  lines: readonly Wanted[],
  variants: readonly Sold[],
  listed: ReadonlyMap<string, number> = new Map(),
): { lines: Line[]; unavailable: VariantId[] } {
  const sold = new Map(variants.map((variant) => [variant.id, variant]));
  const all = lines.map(({ variantId, quantity }) => ({ variantId, quantity, variant: sold.get(variantId) }));
  return {
    lines: all.flatMap(({ variant, quantity }) => (variant ? [pricedLine(variant, listed.get(variant.id), quantity)] : [])),
    unavailable: all.filter(({ variant }) => !variant).map(({ variantId }) => variantId),
  };
}

function pricedLine({ id, price, productTitle, title, ...rest }: Sold, listed: number | undefined, quantity: number): Line {
  const { sku, image, requiresShipping, productId, categories, isTaxable, taxClass, grams } = rest;
  const nothing = money(0, price.currency);
  const unitPrice = listed === undefined ? price : money(listed, price.currency);
  return {
    variantId: id,
    sku,
    title: productTitle,
    variantTitle: title,
    image,
    quantity,
    unitPrice,
    total: times(unitPrice, quantity),
    discount: nothing,
    tax: nothing,
    includedTax: nothing,
    requiresShipping,
    productId,
    categories,
    isTaxable,
    taxClass,
    grams,
  };
}

/** What all that has to be sent weighs. */
export const gramsOf = (lines: readonly Line[]): number =>
  lines.reduce((sum, line) => sum + (line.requiresShipping ? line.grams * line.quantity : 0), 0);

/** What the items cost after discounts. */
export const goodsTotal = (lines: readonly Line[], currency: string): Money =>
  add(money(0, currency), ...lines.flatMap(({ total, discount }) => [total, discount]));

/** How a country's tax is worked out. */
export interface Taxation {
  readonly rates: Rates;
  readonly isIncluded: boolean;
}

/** A class without a rate of its own is taxed at the standard rate, a country without any rate not at all. */
const rateOf = (rates: Rates, taxClass: string): number => rates.get(taxClass) ?? rates.get("standard") ?? 0;

interface Tax {
  readonly tax: Money;
  readonly includedTax: Money;
}

/** The tax on one amount, added to it, or where prices include tax found in it: amount - amount / (1 + rate). Rounded once. */
export function taxOn(amount: Money, basisPoints: number, { isIncluded }: Pick<Taxation, "isIncluded">): Tax {
  const nothing = money(0, amount.currency);
  if (isIncluded) return { tax: nothing, includedTax: share(amount, basisPoints, 10_000 + basisPoints) };
  return { tax: share(amount, basisPoints), includedTax: nothing };
}

/** The lines with their tax: on what is left of each after its discount. */
export function taxed(lines: readonly Line[], taxation: Taxation): Line[] {
  return lines.map((line) => {
    const basisPoints = line.isTaxable ? rateOf(taxation.rates, line.taxClass) : 0;
    return { ...line, ...taxOn(add(line.total, line.discount), basisPoints, taxation) };
  });
}

/** What sending costs, and what coupons take off that; never positive. */
export interface Parcel {
  readonly price: Money;
  readonly discount: Money;
}

interface Period {
  readonly startsAt?: string | null | undefined;
  readonly endsAt?: string | null | undefined;
}

/** Whether it starts before it ends, as far as it has a start and an end. */
export const isPeriod = ({ startsAt, endsAt }: Period): boolean =>
  !startsAt || !endsAt || Date.parse(startsAt) < Date.parse(endsAt);

/** Adds up lines that have their discount and tax, and the parcel, which is taxed at the standard rate. */
export function totalsOf(lines: readonly Line[], parcel: Parcel, taxation: Taxation): Totals {
  const { price: shipping, discount: off } = parcel;
  const parcelTax = taxOn(add(shipping, off), rateOf(taxation.rates, "standard"), taxation);
  const nothing = money(0, shipping.currency);
  const items = add(nothing, ...lines.map(({ total }) => total));
  const discount = add(off, ...lines.map((line) => line.discount));
  const tax = add(parcelTax.tax, ...lines.map((line) => line.tax));
  const includedTax = add(parcelTax.includedTax, ...lines.map((line) => line.includedTax));
  return { items, discount, shipping, tax, includedTax, total: add(items, discount, shipping, tax) };
}
