import { z } from "zod";
import type { Output } from "../../lib/contract.ts";
import type { Money } from "../../lib/money.ts";
import type { FrozenCart } from "../carts/contract.ts";
import type { PricedLine } from "../pricing/contract.ts";
import type { checkout } from "./contract.ts";

const Refused = z.object({
  code: z.enum([
    "not_found",
    "invalid",
    "cart_changed",
    "conflict",
    "insufficient_stock",
    "coupon_unavailable",
    "payment_declined",
    "timed_out",
  ]),
  message: z.string().optional(),
  details: z.array(z.record(z.string(), z.union([z.string(), z.number()]))).optional(),
});

/** Why a checkout came to nothing: the code of the fault that its buyer gets, and what goes with it. */
export type Refusal = z.output<typeof Refused>;

/** A request that named no cart, or one that could not be bought, was no order: nothing of it is kept. */
export const isNoOrder = ({ code }: Pick<Refusal, "code">): boolean => code === "not_found" || code === "invalid";

/** Reads a saga's reason. A deadline or an operator gives one without a code of ours. */
export function refusalOf(reason: unknown): Refusal {
  const late: Refusal = { code: "timed_out", message: "The order could not be finished in time and was cancelled." };
  return Refused.safeParse(reason).data ?? late;
}

/** The payment's state in the eyes of an order that was cancelled before it was confirmed. */
export const paymentStatusAfter = ({ code }: Pick<Refusal, "code">): Output<typeof checkout>["paymentStatus"] =>
  code === "payment_declined" ? "declined" : "voided";

interface Expectation {
  readonly expectedTotal?: Money | undefined;
  readonly version?: number | undefined;
}

interface Offer {
  readonly total: Money;
  readonly version: number;
  readonly lines: readonly PricedLine[];
}

/**
 * What the buyer saw against what is: the refusal when it differs. Who names the total has seen it; for everybody else
 * each price counts that the cart has shown.
 */
export function compare(expected: Expectation, shown: FrozenCart["lines"], now: Offer): Refusal | undefined {
  const { expectedTotal, version } = expected;
  if (version !== undefined && version !== now.version) {
    return { code: "cart_changed", details: [{ field: "version", expected: version, actual: now.version }] };
  }
  if (!expectedTotal) return comparePrices(shown, now.lines);
  if (isSame(expectedTotal, now.total)) return undefined;
  return { code: "cart_changed", details: [{ field: "expectedTotal", ...difference(expectedTotal, now.total) }] };
}

function comparePrices(shown: FrozenCart["lines"], lines: readonly PricedLine[]): Refusal | undefined {
  const priceOf = new Map(lines.map(({ variantId, unitPrice }) => [variantId, unitPrice]));
  const details = shown.flatMap(({ variantId, sku, shownPrice }) => {
    const price = priceOf.get(variantId);
    if (!shownPrice || !price || isSame(shownPrice, price)) return [];
    return [{ variantId, sku, field: "unitPrice", ...difference(shownPrice, price) }];
  });
  if (details.length === 0) return undefined;
  return { code: "cart_changed", message: "Prices have changed since the cart was last shown.", details };
}

const isSame = (one: Money, other: Money): boolean => one.currency === other.currency && one.amount === other.amount;

const difference = (expected: Money, { amount, currency }: Money) => ({ expected: expected.amount, actual: amount, currency });
