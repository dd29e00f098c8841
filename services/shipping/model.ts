import type { AdminShippingOption } from "./contract.ts";

type Rate = AdminShippingOption["rates"][number];

/** A rate for the same zone and weight as one before it, if there is any: nobody could say which counts. */
export function twiceIn(rates: readonly Rate[]): Rate | undefined {
  const seen = new Set<string>();
  return rates.find(({ zone, upToGrams }) => {
    const key = `${zone} ${upToGrams}`;
    return seen.has(key) || !seen.add(key);
  });
}

/** So many of a SKU. */
export interface Line {
  readonly sku: string;
  readonly quantity: number;
}

/** One line for each SKU, in the order of first mention. */
export function addedUp(lines: readonly Line[]): Line[] {
  const quantities = new Map<string, number>();
  for (const { sku, quantity } of lines) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity }));
}

/** Why these lines cannot be sent out of what is left of a parcel; undefined when they can. */
export function obstacleTo(lines: readonly Line[], left: readonly Line[]): string | undefined {
  const known = new Map(left.map(({ sku, quantity }) => [sku, quantity]));
  const short = addedUp(lines).find(({ sku, quantity }) => quantity > (known.get(sku) ?? 0));
  return short && `Of ${short.sku} the parcel has ${known.get(short.sku) ?? 0} left, not ${short.quantity}.`;
}
