import type { Output } from "../../lib/contract.ts";
import type { Money } from "../../lib/money.ts";
import { type authorize, lifecycle, type PaymentStatus } from "./contract.ts";
import type { Booking } from "./provider.ts";

/** What the shop knows of an order's payment. */
export type Payment =
  | { readonly status: "pending"; readonly amount: Money; readonly token: string }
  | { readonly status: "authorized" | "captured"; readonly amount: Money }
  | { readonly status: "declined" | "failing" | "failed"; readonly reason: string }
  | { readonly status: "voiding" | "voided" };

export type Outcome = Output<typeof authorize>;

/** What an authorization comes to in the end. */
export type Settlement = { readonly status: "authorized" } | { readonly status: "declined" | "failed"; readonly reason: string };

/** True when a payment of this status may make the move. */
export const can = (move: keyof typeof lifecycle, status: PaymentStatus): boolean =>
  (lifecycle[move] as readonly PaymentStatus[]).includes(status);

/** What an authorization is answered from what the shop knows. */
export function outcomeOf(payment: Payment): Outcome {
  switch (payment.status) {
    case "pending":
    case "failing":
      return { outcome: "unknown" };
    case "authorized":
    case "captured":
      return { outcome: "authorized" };
    case "declined":
      return { outcome: "declined", reason: payment.reason };
    case "failed":
      return { outcome: "failed", reason: payment.reason };
    case "voiding":
    case "voided":
      return { outcome: "voided" };
  }
}

/** The next thing to do when an authorization is asked for. */
export type Next =
  | { readonly do: "send" | "find"; readonly amount: Money; readonly token: string }
  | { readonly do: "giveUp" }
  | { readonly do: "answer"; readonly outcome: Outcome };

/** `isNew`: the payment was noted down by this very call, so that nothing can have been sent before. */
export function nextFor(payment: Payment, { isNew }: { isNew: boolean }): Next {
  if (payment.status === "failing") return { do: "giveUp" };
  if (payment.status !== "pending") return { do: "answer", outcome: outcomeOf(payment) };
  const { amount, token } = payment;
  return { do: isNew ? "send" : "find", amount, token };
}

/** What a pending payment has come to, by what the provider has booked; undefined when it knows nothing of the order. */
export function settlementBy(booking: Booking): Settlement | undefined {
  switch (booking.outcome) {
    case "nothing":
      return undefined;
    case "authorized":
    case "captured":
      return { status: "authorized" };
    case "declined":
      return { status: "declined", reason: booking.reason };
    case "voided":
      return { status: "failed", reason: "voided_at_provider" };
  }
}

const TRIES = 4;

/** True when the provider has failed so often that the order shall not wait any longer. */
export const isHopeless = (failures: number): boolean => failures >= TRIES;

/** What a confirmed order asks for: its money, nothing because that is settled, or help because nobody has paid. */
export type Claim =
  { readonly claim: "capture"; readonly amount: Money } | { readonly claim: "settled" } | { readonly claim: "unpaid" };

export function claimOn(payment: Payment | undefined): Claim {
  if (!payment) return { claim: "unpaid" };
  switch (payment.status) {
    case "authorized":
      return { claim: "capture", amount: payment.amount };
    case "captured":
    case "voiding":
    case "voided":
      return { claim: "settled" };
    case "pending":
    case "declined":
    case "failing":
    case "failed":
      return { claim: "unpaid" };
  }
}
