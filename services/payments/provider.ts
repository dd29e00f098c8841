import type { Money } from "../../lib/money.ts";

/** A definite error of the provider, such as its status 500: this request has booked nothing. */
export interface Failed {
  readonly outcome: "failed";
  readonly reason: string;
}

export type Authorization =
  | { readonly outcome: "authorized" }
  | { readonly outcome: "declined"; readonly reason: string }
  /** The order was voided before, so nothing is authorized for it any more. */
  | { readonly outcome: "voided" };

export type Capture =
  | { readonly outcome: "captured"; readonly amount: Money }
  | { readonly outcome: "voided" }
  | { readonly outcome: "refused"; readonly reason: string };

export type Void =
  /** `released` is what was held until then; null when nothing ever was. The same when asked again. */
  { readonly outcome: "voided"; readonly released: Money | null } | { readonly outcome: "captured" };

/** Everything the provider has booked under an order id. */
export type Booking =
  | { readonly outcome: "nothing" }
  | { readonly outcome: "authorized"; readonly amount: Money }
  | { readonly outcome: "captured"; readonly amount: Money }
  | { readonly outcome: "declined"; readonly reason: string }
  | { readonly outcome: "voided"; readonly released: Money | null };

interface ToAuthorize {
  readonly orderId: string;
  readonly amount: Money;
  /** What the provider's own form has made of the card. */
  readonly token: string;
}

/**
 * Whoever moves the money. The order id is the idempotency key: an order has at most one authorization and one capture, and
 * whoever asks a second time gets the first one's answer. A void leaves a tombstone: an authorization that arrives after it is
 * refused. A promise may reject or stay open for ever, and then it is unknown what was done. The signal says that the caller
 * has stopped waiting; it takes nothing back. `test/support/payment-provider.suite.ts` holds every provider to this.
 */
export interface Provider {
  readonly name: string;
  authorize(ask: ToAuthorize, signal: AbortSignal): Promise<Authorization | Failed>;
  /** At most the authorized amount. */
  capture(ask: { readonly orderId: string; readonly amount: Money }, signal: AbortSignal): Promise<Capture | Failed>;
  voidAuthorization(ask: { readonly orderId: string }, signal: AbortSignal): Promise<Void | Failed>;
  find(orderId: string, signal: AbortSignal): Promise<Booking | Failed>;
}
