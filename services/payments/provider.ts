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

export type Refund =
  { readonly outcome: "refunded"; readonly amount: Money } | { readonly outcome: "refused"; readonly reason: string };

/** `released` is what was held until then and not captured; null when that was nothing. The same when asked again. */
export interface Void {
  readonly outcome: "voided";
  readonly released: Money | null;
}

/** One capture or refund that the provider has booked, under the id that it was asked for. */
export interface Booked {
  readonly id: string;
  readonly amount: Money;
}

interface Movements {
  readonly captures: readonly Booked[];
  readonly refunds: readonly Booked[];
}

/** Everything the provider has booked under an order id. `voided`: what was not captured by then never will be. */
export type Booking =
  | { readonly outcome: "nothing" }
  | ({ readonly outcome: "authorized"; readonly amount: Money } & Movements)
  | { readonly outcome: "declined"; readonly reason: string }
  | ({ readonly outcome: "voided"; readonly released: Money | null } & Movements);

interface ToAuthorize {
  readonly orderId: string;
  readonly amount: Money;
  /** What the provider's own form has made of the card. */
  readonly token: string;
}

interface ToCapture {
  readonly orderId: string;
  readonly captureId: string;
  readonly amount: Money;
}

interface ToRefund {
  readonly orderId: string;
  readonly refundId: string;
  readonly amount: Money;
}

/** A webhook as it came, with the headers that may have its signature. */
export interface WebhookMessage {
  readonly body: Buffer;
  readonly id?: string | undefined;
  readonly timestamp?: string | undefined;
  readonly signature?: string | undefined;
  readonly stripeSignature?: string | undefined;
}

/** What a webhook is about, once its signature was found to be right. `orderId` is null when it is about no order of ours. */
export interface Notice {
  readonly id: string;
  readonly orderId: string | null;
}

/**
 * Whoever moves the money. An order has at most one authorization, whose idempotency key is the order id; captures and
 * refunds have ids of their own. Whoever asks a second time under an id gets the first one's answer. A void leaves a
 * tombstone: an authorization or capture that arrives after it is refused; what was captured can still be refunded. A promise
 * may reject or stay open for ever, and then it is unknown what was done. The signal says that the caller has stopped waiting;
 * it takes nothing back. `test/support/payment-provider.suite.ts` holds every provider to this.
 */
export interface Provider {
  readonly name: string;
  authorize(ask: ToAuthorize, signal: AbortSignal): Promise<Authorization | Failed>;
  /** All captures of an order come to at most what was authorized. */
  capture(ask: ToCapture, signal: AbortSignal): Promise<Capture | Failed>;
  /** All refunds of an order come to at most what was captured. */
  refund(ask: ToRefund, signal: AbortSignal): Promise<Refund | Failed>;
  voidAuthorization(ask: { readonly orderId: string }, signal: AbortSignal): Promise<Void | Failed>;
  find(orderId: string, signal: AbortSignal): Promise<Booking | Failed>;
  /** Reads a webhook; undefined when it is not signed as it should be. What it says of money is not believed: see `find`. */
  readWebhook(message: WebhookMessage): Promise<Notice | undefined>;
}
