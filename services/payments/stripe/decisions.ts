import type { Money } from "../../../lib/money.ts";
import type { Authorization, Capture, Refund, Void } from "../provider.ts";
import { capturesOf, declineOf, type Intent, type Refunds, refundsOf, releasedOf } from "./objects.ts";

/** What has come of an authorization; undefined while the card was not tried. Throws while Stripe itself does not know. */
export function authorizationOf(intent: Intent): Authorization | undefined {
  switch (intent.status) {
    case "requires_capture":
    case "succeeded":
      return { outcome: "authorized" };
    case "canceled":
      return { outcome: "voided" };
    case "requires_payment_method":
    case "requires_confirmation": {
      const reason = declineOf(intent);
      return reason === undefined ? undefined : { outcome: "declined", reason };
    }
    case "requires_action":
    case "processing":
      throw new Error(`Stripe has not decided about ${intent.id}: it is ${intent.status}.`);
  }
}

/** What has come of a capture; undefined when it is still to be asked for. */
export function captureOf(intent: Intent, captureId: string, asked: Money): Capture | undefined {
  const booked = capturesOf(intent).find(({ id }) => id === captureId);
  if (booked) return { outcome: "captured", amount: booked.amount };
  if (intent.status === "canceled") return { outcome: "voided" };
  // Without several captures the first one has released the rest.
  if (intent.status !== "requires_capture") return { outcome: "refused", reason: "nothing_authorized" };
  const isWithin = asked.amount <= intent.amount_capturable && asked.currency === intent.currency.toUpperCase();
  return isWithin ? undefined : { outcome: "refused", reason: "amount_not_authorized" };
}

/** What has come of a refund; undefined when it is still to be asked for. */
export function refundOf(intent: Intent, all: Refunds, refundId: string, asked: Money): Refund | undefined {
  const booked = refundsOf(intent, all);
  const found = booked.find(({ id }) => id === refundId);
  if (found) return { outcome: "refunded", amount: found.amount };
  const failed = all.find(({ metadata }) => metadata.refund_id === refundId);
  if (failed) return { outcome: "refused", reason: `refund_${failed.status}` };
  const left = intent.amount_received - booked.reduce((sum, { amount }) => sum + amount.amount, 0);
  const isWithin = asked.amount <= left && asked.currency === intent.currency.toUpperCase();
  return isWithin ? undefined : { outcome: "refused", reason: "amount_not_captured" };
}

/** What has come of a void; undefined while something may still be held or captured. */
export function voidOf(intent: Intent): Void | undefined {
  const isClosed = intent.status === "canceled" || intent.status === "succeeded";
  return isClosed ? { outcome: "voided", released: releasedOf(intent) } : undefined;
}
