import { z } from "zod";

/** An ISO 4217 currency code, upper case. */
export const Currency = z.string().regex(/^[A-Z]{3}$/);

/** An amount in minor units (cents, pence, won) with its currency. Never a float, never a bare number. */
export const Money = z.object({ amount: z.int(), currency: Currency });
export type Money = z.output<typeof Money>;

/** Makes money from an amount in minor units. */
export const money = (amount: number, currency: string): Money => ({ amount, currency });

/** Adds amounts of one currency. Throws a RangeError when the currencies differ, which is always a bug of the caller. */
export function add(first: Money, ...rest: Money[]): Money {
  return rest.reduce((sum, next) => {
    if (next.currency !== sum.currency) throw new RangeError(`cannot add ${next.currency} to ${sum.currency}`);
    return money(sum.amount + next.amount, sum.currency);
  }, first);
}

/** `quantity` times the price of one. */
export const times = (price: Money, quantity: number): Money => money(price.amount * quantity, price.currency);

/**
 * A share of an amount: so many basis points (1 % = 100), or so many parts of another `whole`. Rounds half away from zero to
 * whole minor units: the one rounding rule of this code base, applied per line and never to a sum.
 */
export function share(of: Money, parts: number, whole = 10_000): Money {
  const exact = Math.abs(of.amount * parts);
  const rounded = Math.floor((exact + whole / 2) / whole);
  return money(of.amount * parts < 0 ? -rounded : rounded, of.currency);
}

const known = new Map<string, number>();

/** How many decimals a currency has, by ISO 4217 (2 for EUR, 0 for KRW). */
export function decimals(currency: string): number {
  const found =
    known.get(currency) ??
    new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ??
    2;
  known.set(currency, found);
  return found;
}

/** "19.99" in EUR becomes 1999. Undefined when the text is not a plain decimal number with at most the currency's decimals. */
export function parseMoney(text: string, currency: string): Money | undefined {
  const match = /^(-?)(\d{1,12})(?:\.(\d+))?$/.exec(text.trim());
  if (!match) return undefined;
  const [, sign, whole, fraction = ""] = match;
  const places = decimals(currency);
  const significant = fraction.replace(/0+$/, "");
  if (significant.length > places) return undefined;
  const amount = Number(`${whole}${significant.padEnd(places, "0")}`);
  return money(sign === "-" ? -amount : amount, currency);
}

/** For people: "19.99 EUR". Not for parsing. */
export function formatMoney({ amount, currency }: Money): string {
  return `${(amount / 10 ** decimals(currency)).toFixed(decimals(currency))} ${currency}`;
}
