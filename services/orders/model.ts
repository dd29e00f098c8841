import { z } from "zod";
import type { Money } from "../../lib/money.ts";
import { lifecycle, type Order, type OrderStatus } from "./contract.ts";

export type Move = keyof typeof lifecycle;

/** Whether an order in this state may make the move. */
export const may = (move: Move, status: OrderStatus): boolean => (lifecycle[move] as readonly OrderStatus[]).includes(status);

const Refused = z.object({
  code: z.enum(["not_found", "invalid", "cart_changed", "conflict", "insufficient_stock", "payment_declined", "timed_out"]),
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

/** The payment's state in the eyes of an order that was cancelled. */
export const paymentStatusAfter = ({ code }: Pick<Refusal, "code">): Order["paymentStatus"] =>
  code === "payment_declined" ? "declined" : "voided";

interface Expectation {
  readonly expectedTotal?: Money | undefined;
  readonly version?: number | undefined;
}

/** What the buyer saw against what is: the refusal when it differs. */
export function compare(expected: Expectation, now: { total: Money; version: number }): Refusal | undefined {
  const { expectedTotal, version } = expected;
  if (version !== undefined && version !== now.version) {
    return { code: "cart_changed", details: [{ field: "version", expected: version, actual: now.version }] };
  }
  if (!expectedTotal) return undefined;
  if (expectedTotal.currency === now.total.currency && expectedTotal.amount === now.total.amount) return undefined;
  const details = [
    { field: "expectedTotal", expected: expectedTotal.amount, actual: now.total.amount, currency: now.total.currency },
  ];
  return { code: "cart_changed", details };
}

// Without letters and digits that are mistaken for one another on the telephone.
const ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ";

/** An order's number for people, such as "K7MP-3XWD", out of eight random bytes: it says nothing about how many orders there are. */
export function orderNumber(random: Uint8Array): string {
  const letters = Array.from(random.subarray(0, 8), (byte) => ALPHABET[byte % ALPHABET.length]);
  return `${letters.slice(0, 4).join("")}-${letters.slice(4).join("")}`;
}
