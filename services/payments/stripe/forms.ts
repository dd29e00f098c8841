import type { Money } from "../../../lib/money.ts";
import { type Intent, takesSeveral } from "./objects.ts";
import type { Row } from "./store.ts";

type Form = Record<string, string>;

/** Has an answer show the charge with its intent. */
export const EXPAND: Form = { "expand[]": "latest_charge" };

export const creationForm = (
  { orderId, amount, currency }: Row,
  { takesSeveralCaptures }: { takesSeveralCaptures: boolean },
): Form => ({
  amount: String(amount),
  currency: currency!.toLowerCase(),
  capture_method: "manual",
  "payment_method_types[]": "card",
  "metadata[order_id]": orderId,
  ...EXPAND,
  ...(takesSeveralCaptures && { "payment_method_options[card][request_multicapture]": "if_available" }),
});

/** A buyer who would have to confirm at their bank is declined: the checkout has nowhere to send them. */
export const confirmationForm = (token: string): Form => ({ payment_method: token, error_on_requires_action: "true", ...EXPAND });

/** Without several captures Stripe releases the rest with the first one, and refuses to be told otherwise. */
export function captureForm(intent: Intent, captureId: string, { amount }: Money): Form {
  const isLast = amount === intent.amount_capturable || !takesSeveral(intent);
  return {
    amount_to_capture: String(amount),
    [`metadata[${captureId}]`]: String(amount),
    ...EXPAND,
    ...(!isLast && { final_capture: "false" }),
  };
}

interface NewRefund {
  readonly orderId: string;
  readonly refundId: string;
  readonly amount: Money;
}

export const refundForm = (intent: Intent, { orderId, refundId, amount }: NewRefund): Form => ({
  payment_intent: intent.id,
  amount: String(amount.amount),
  "metadata[refund_id]": refundId,
  "metadata[order_id]": orderId,
});
