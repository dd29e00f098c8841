import type { Output } from "../../lib/contract.ts";
import { type Money, money } from "../../lib/money.ts";
import { type authorize, lifecycle, type PaymentStatus, type Stand } from "./contract.ts";
import type { Booking } from "./provider.ts";

/** What the shop knows of an order's authorization. */
export type Payment =
  | { readonly status: "pending"; readonly amount: Money; readonly token: string }
  | { readonly status: "authorized" | "captured"; readonly amount: Money }
  | { readonly status: "declined" | "failing" | "failed"; readonly reason: string }
  /** Without an amount nothing was ever to be paid. */
  | { readonly status: "voiding" | "voided"; readonly amount: Money | null };

/** What the shop knows of an order's money, in minor units; `capturing` and `refunding` is on its way to the provider. */
export interface Account {
  readonly status: PaymentStatus;
  readonly amount: number;
  readonly currency: string;
  readonly captured: number;
  readonly capturing: number;
  readonly refunded: number;
  readonly refunding: number;
}

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

/** Nothing is asked of a provider for an order that costs nothing. */
export const needsProvider = (amount: Money | null): boolean => amount?.amount !== 0;

export type Kind = "capture" | "refund";

/** What may still be asked of the provider: captures come to at most what is authorized, refunds to what is captured. */
export function roomFor(kind: Kind, { amount, captured, capturing, refunded, refunding }: Account): number {
  return kind === "capture" ? amount - captured - capturing : captured - refunded - refunding;
}

/**
 * Why a capture or refund that was asked for has no place; undefined when it has one. `undecided`: ask again, because the
 * payment is not authorized yet and may still be.
 */
export function refusalOf(kind: Kind, account: Account | undefined, asked: Money): string | undefined {
  if (!account) return "nothing_authorized";
  if (account.status === "pending" || account.status === "failing") return UNDECIDED;
  if (!can(kind, account.status)) return kind === "capture" && roomFor(kind, account) === 0 ? "nothing_left" : account.status;
  if (account.currency !== asked.currency) return "other_currency";
  if (asked.amount <= roomFor(kind, account)) return undefined;
  return kind === "capture" ? "amount_not_authorized" : "amount_not_captured";
}

/** The one refusal that is not for good. */
export const UNDECIDED = "undecided";

/** A line of a booking: which account it goes to. */
export interface Line {
  readonly account: "provider" | "sales";
  readonly side: "debit" | "credit";
  readonly amount: number;
}

/** How money that has moved is booked: what the provider owes the shop, against what was sold. */
export function linesOf(kind: Kind, amount: number): readonly Line[] {
  const [toProvider, toSales] = kind === "capture" ? (["debit", "credit"] as const) : (["credit", "debit"] as const);
  return [
    { account: "provider", side: toProvider, amount },
    { account: "sales", side: toSales, amount },
  ];
}

/** What debits exceed credits by; zero in books that are right. */
export const differenceOf = (sums: readonly { readonly debit: number; readonly credit: number }[]): number =>
  sums.reduce((difference, { debit, credit }) => difference + debit - credit, 0);

/** What a confirmed order asks for: its money, nothing because that is settled, or help because nobody has paid. */
export type Claim = "capture" | "settled" | "unpaid";

export function claimOn(account: Account | undefined): Claim {
  switch (account?.status) {
    case "authorized":
      return roomFor("capture", account) > 0 ? "capture" : "settled";
    case "captured":
    case "voiding":
    case "voided":
      return "settled";
    case undefined:
    case "pending":
    case "declined":
    case "failing":
    case "failed":
      return "unpaid";
  }
}

/** What is held, captured and refunded by the provider's books. */
export function standOf(booking: Booking): Stand {
  if (!("captures" in booking)) return { held: 0, captured: 0, refunded: 0 };
  const [captured, refunded] = [booking.captures, booking.refunds].map(sumOf) as [number, number];
  return { held: booking.outcome === "authorized" ? booking.amount.amount - captured : 0, captured, refunded };
}

const sumOf = (booked: readonly { readonly amount: Money }[]): number =>
  booked.reduce((sum, { amount }) => sum + amount.amount, 0);

/** The same by what the shop knows: what is held by its payment, the rest by its books. */
export const ownStand = (account: Account, books: Omit<Stand, "held">): Stand => ({
  held: account.status === "authorized" ? account.amount - account.captured : 0,
  ...books,
});

export const isSameStand = (one: Stand, other: Stand): boolean =>
  one.held === other.held && one.captured === other.captured && one.refunded === other.refunded;

const FIRST_QUESTION = 5_000;
const LONGEST_PAUSE = 300_000;

/** Milliseconds until the provider is asked once more what it has not said `asked` times: six times within a minute, then rarely. */
export const pauseBefore = (asked: number): number => Math.min(LONGEST_PAUSE, FIRST_QUESTION * 1.3 ** Math.max(0, asked - 1));

/** An amount of the account's currency. */
export const inCurrencyOf = ({ currency }: Pick<Account, "currency">, amount: number): Money => money(amount, currency);
