import { z } from "zod";
import { type Money, money } from "../../../lib/money.ts";
import type { Booked, Booking } from "../provider.ts";

const Charge = z.object({
  status: z.string(),
  payment_method_details: z
    .object({ card: z.object({ multicapture: z.object({ status: z.string() }).nullish() }).nullish() })
    .nullish(),
});

/** A payment intent with its latest charge expanded. */
export const Intent = z.object({
  id: z.string(),
  status: z.enum([
    "requires_payment_method",
    "requires_confirmation",
    "requires_action",
    "processing",
    "requires_capture",
    "canceled",
    "succeeded",
  ]),
  amount: z.int(),
  amount_capturable: z.int(),
  amount_received: z.int(),
  currency: z.string(),
  metadata: z.record(z.string(), z.string()),
  last_payment_error: z.object({ code: z.string().nullish(), decline_code: z.string().nullish() }).nullish(),
  latest_charge: Charge.nullish(),
});
export type Intent = z.output<typeof Intent>;

export const Refunds = z.object({
  data: z.array(
    z.object({ id: z.string(), amount: z.int(), status: z.string().nullable(), metadata: z.record(z.string(), z.string()) }),
  ),
});
export type Refunds = z.output<typeof Refunds>["data"];

/** The intent's currency is in small letters. */
const inCurrencyOf = (intent: Intent, amount: number): Money => money(amount, intent.currency.toUpperCase());

/** Why the last card was declined, if it was. */
export const declineOf = ({ last_payment_error: error }: Intent): string | undefined =>
  error ? (error.decline_code ?? error.code ?? "card_declined") : undefined;

const CAPTURE_KEY = /^cap_/;

/**
 * Each capture that is asked for writes its id and amount into the intent's metadata, in the same request: Stripe has no
 * other name for it. What was captured by other means is shown under the intent's own id.
 */
export function capturesOf(intent: Intent): Booked[] {
  const named = Object.entries(intent.metadata)
    .filter(([key]) => CAPTURE_KEY.test(key))
    .map(([id, amount]) => ({ id, amount: inCurrencyOf(intent, Number(amount)) }));
  const rest = intent.amount_received - named.reduce((sum, { amount }) => sum + amount.amount, 0);
  return rest === 0 ? named : [...named, { id: intent.id, amount: inCurrencyOf(intent, rest) }];
}

/** Those that have gone through or are going to, under our ids where they are ours. */
export const refundsOf = (intent: Intent, refunds: Refunds): Booked[] =>
  refunds
    .filter(({ status }) => status !== "failed" && status !== "canceled")
    .map(({ id, amount, metadata }) => ({ id: metadata.refund_id ?? id, amount: inCurrencyOf(intent, amount) }));

/** True when the card's bank has ever held the money. */
const wasAuthorized = (intent: Intent): boolean => intent.latest_charge?.status === "succeeded";

/** What was held and is given back, of an intent that is closed. */
export function releasedOf(intent: Intent): Money | null {
  const rest = intent.amount - intent.amount_received;
  return wasAuthorized(intent) && rest > 0 ? inCurrencyOf(intent, rest) : null;
}

/** How a payment stands; `isClosed`: the shop has voided it. Throws while Stripe itself does not know. */
export function bookingOf(intent: Intent, refunds: Refunds, isClosed: boolean): Booking {
  const movements = { captures: capturesOf(intent), refunds: refundsOf(intent, refunds) };
  switch (intent.status) {
    case "canceled":
      return { outcome: "voided", released: releasedOf(intent), ...movements };
    case "succeeded":
      if (isClosed) return { outcome: "voided", released: releasedOf(intent), ...movements };
      return { outcome: "authorized", amount: inCurrencyOf(intent, intent.amount), ...movements };
    case "requires_capture":
      return { outcome: "authorized", amount: inCurrencyOf(intent, intent.amount), ...movements };
    case "requires_payment_method":
    case "requires_confirmation": {
      const reason = declineOf(intent);
      return reason === undefined ? { outcome: "nothing" } : { outcome: "declined", reason };
    }
    case "requires_action":
    case "processing":
      throw new Error(`Stripe has not decided about ${intent.id}: it is ${intent.status}.`);
  }
}

/** True when the card's bank takes several captures of this payment. */
export const takesSeveral = ({ latest_charge: charge }: Intent): boolean =>
  charge?.payment_method_details?.card?.multicapture?.status === "available";
