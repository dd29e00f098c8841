import { add, type Money, money, share } from "../../lib/money.ts";
import type { AppliedCoupon, CouponRefusal, InapplicableCoupon } from "./contract.ts";
import type { Coupon, Line, Parcel } from "./model.ts";

/** What coupons may take something off. `price` is null as long as nobody knows how it will be sent. */
export interface Basket {
  readonly lines: readonly Line[];
  readonly price: Money | null;
  readonly currency: string;
}

interface Discounted {
  readonly lines: Line[];
  readonly parcel: Parcel;
  readonly coupons: AppliedCoupon[];
  readonly inapplicable: InapplicableCoupon[];
}

interface Left {
  readonly lines: readonly Line[];
  readonly price: Money | null;
  /** What was taken off the parcel's price. */
  readonly parcelDiscount: Money;
}

/**
 * Takes coupons off in the order in which they were given, each off what the ones before have left. A coupon that takes
 * nothing off is named with the reason, so that nobody spends it for nothing; only free shipping waits for a price.
 */
export function discounted(
  { lines, price, currency }: Basket,
  codes: readonly string[],
  known: ReadonlyMap<string, Coupon>,
): Discounted {
  let left: Left = { lines, price, parcelDiscount: money(0, currency) };
  const coupons: AppliedCoupon[] = [];
  const inapplicable: InapplicableCoupon[] = [];
  for (const code of new Set(codes)) {
    const cut = cutBy(known.get(code), left);
    if (typeof cut === "string") {
      inapplicable.push({ code, reason: cut });
      continue;
    }
    left = cut.left;
    coupons.push({ code, discount: money(0 - cut.off, currency) });
  }
  const parcel = { price: price ?? money(0, currency), discount: left.parcelDiscount };
  return { lines: [...left.lines], parcel, coupons, inapplicable };
}

interface Cut {
  /** In minor units, not negative. */
  readonly off: number;
  readonly left: Left;
}

function cutBy(coupon: Coupon | undefined, left: Left): Cut | CouponRefusal {
  if (!coupon) return "unknown";
  if (coupon.refusal) return coupon.refusal;
  const eligible = left.lines.filter((line) => covers(coupon, line));
  if (eligible.length === 0) return "nothing_applies";
  const listTotal = eligible.reduce((sum, { total }) => sum + total.amount, 0);
  if (coupon.minimum !== null && listTotal < coupon.minimum) return "below_minimum";
  return coupon.type === "free_shipping" ? cutParcel(left) : cutLines(coupon, eligible, left);
}

function covers({ products, categories }: Coupon, line: Line): boolean {
  if (products.length === 0 && categories.length === 0) return true;
  return products.includes(line.productId) || line.categories.some((handle) => categories.includes(handle));
}

function cutParcel(left: Left): Cut | CouponRefusal {
  if (!left.price) return { off: 0, left };
  const off = left.price.amount + left.parcelDiscount.amount;
  if (off === 0) return "nothing_applies";
  return { off, left: { ...left, parcelDiscount: money(-left.price.amount, left.price.currency) } };
}

const leftOf = ({ total, discount }: Line): Money => add(total, discount);

function cutLines({ type, value }: Coupon, eligible: readonly Line[], left: Left): Cut | CouponRefusal {
  const parts = eligible.map((line) => ({ key: line.variantId, amount: leftOf(line).amount }));
  const whole = parts.reduce((sum, { amount }) => sum + amount, 0);
  const off = Math.min(whole, type === "percent" ? share(money(whole, "XXX"), value).amount : value);
  if (off === 0) return "nothing_applies";
  const shares = spread(off, parts);
  const lines = left.lines.map((line) => {
    const mine = shares.get(line.variantId) ?? 0;
    return mine === 0 ? line : { ...line, discount: add(line.discount, money(-mine, line.discount.currency)) };
  });
  return { off, left: { ...left, lines } };
}

interface Part {
  readonly key: string;
  /** Not negative. */
  readonly amount: number;
}

/**
 * Spreads an amount over parts in proportion to theirs, by largest remainder: the shares add up to it exactly and none is
 * larger than its part, given that `off` is not larger than all of them. Of equal remainders the lower key wins, so that the
 * order of the parts does not matter.
 */
export function spread(off: number, parts: readonly Part[]): Map<string, number> {
  const whole = BigInt(parts.reduce((sum, { amount }) => sum + amount, 0));
  // Beyond what a number holds exactly: the product of two amounts.
  const exact = parts.map(({ key, amount }) => ({ key, product: BigInt(off) * BigInt(amount) }));
  const floors = new Map(exact.map(({ key, product }) => [key, Number(product / whole)]));
  const missing = off - [...floors.values()].reduce((sum, amount) => sum + amount, 0);
  const byRemainder = exact
    .map(({ key, product }) => ({ key, remainder: product % whole }))
    .toSorted((a, b) => (a.remainder === b.remainder ? (a.key < b.key ? -1 : 1) : a.remainder > b.remainder ? -1 : 1));
  for (const { key } of byRemainder.slice(0, missing)) floors.set(key, floors.get(key)! + 1);
  return floors;
}

/** What is kept of a coupon's `value`: basis points, minor units, nothing. Undefined when the type has no such value. */
export function keptValue(type: Coupon["type"], value: number): number | undefined {
  if (type === "free_shipping") return 0;
  if (type === "amount") return Number.isInteger(value) && value > 0 ? value : undefined;
  const basisPoints = Math.round(value * 100);
  const isExact = Math.abs(value * 100 - basisPoints) < 1e-6;
  return isExact && basisPoints >= 1 && basisPoints <= 10_000 ? basisPoints : undefined;
}

/** The `value` that people see. */
export const shownValue = (type: Coupon["type"], kept: number): number => (type === "percent" ? kept / 100 : kept);
