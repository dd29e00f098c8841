import { randomUUID } from "node:crypto";

/** A refusal as Stripe words it. */
export class StripeError extends Error {
  readonly status: number;
  readonly body: object;

  constructor(status: number, type: string, code: string, more: object = {}) {
    super(code);
    this.status = status;
    this.body = { error: { type, code, message: `Refused: ${code}.`, ...more } };
  }
}

export type Form = Readonly<Record<string, string>>;

interface Charge {
  readonly id: string;
  readonly object: "charge";
  readonly status: "succeeded" | "failed";
  readonly payment_method_details: { readonly card: { readonly multicapture: { readonly status: string } } };
}

export interface Intent {
  readonly id: string;
  readonly object: "payment_intent";
  readonly amount: number;
  readonly currency: string;
  readonly canCaptureOften: boolean;
  status: "requires_payment_method" | "requires_capture" | "canceled" | "succeeded";
  amount_capturable: number;
  amount_received: number;
  metadata: Record<string, string>;
  last_payment_error: object | null;
  latest_charge: Charge | null;
}

export interface Refund {
  readonly id: string;
  readonly object: "refund";
  readonly amount: number;
  readonly currency: string;
  readonly payment_intent: string;
  readonly status: "succeeded";
  readonly metadata: Record<string, string>;
}

const invalid = (code: string, more: object = {}) => new StripeError(400, "invalid_request_error", code, more);
const unexpected = ({ status }: Intent) => invalid("payment_intent_unexpected_state", { payment_intent: { status } });
const id = (prefix: string): string => `${prefix}_${randomUUID().replaceAll("-", "").slice(0, 24)}`;

const metadataOf = (form: Form): Record<string, string> =>
  Object.fromEntries(
    Object.entries(form).flatMap(([key, value]) => {
      const name = /^metadata\[(.{1,40})\]$/.exec(key)?.[1];
      return name ? [[name, value]] : [];
    }),
  );

/** Test cards that are declined, by the name of their payment method. */
const DECLINED: ReadonlyMap<string, string> = new Map([
  ["pm_card_visa_chargeDeclined", "generic_decline"],
  ["pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"],
]);
const PAYING = new Set(["pm_card_visa", "pm_card_visa_in_silence"]);

/** Payment intents and refunds with the rules that Stripe documents for them; `tell` hears what a webhook would say. */
export class StripeBooks {
  readonly intents = new Map<string, Intent>();
  readonly refunds: Refund[] = [];
  readonly #tell: (type: string, object: object) => void;

  constructor(tell: (type: string, object: object) => void) {
    this.#tell = tell;
  }

  intent(wanted: string): Intent {
    const found = this.intents.get(wanted);
    if (!found) throw new StripeError(404, "invalid_request_error", "resource_missing");
    return found;
  }

  create(form: Form): Intent {
    if (!/^\d+$/.test(form.amount ?? "") || Number(form.amount) > 99_999_999) throw invalid("parameter_invalid_integer");
    if (Number(form.amount) < 50) throw invalid("amount_too_small");
    if (!/^[a-z]{3}$/.test(form.currency ?? "")) throw invalid("parameter_invalid", { param: "currency" });
    if (form.capture_method !== "manual") throw invalid("parameter_invalid", { param: "capture_method" });
    const intent: Intent = {
      id: id("pi"),
      object: "payment_intent",
      amount: Number(form.amount),
      currency: form.currency!,
      canCaptureOften: form["payment_method_options[card][request_multicapture]"] === "if_available",
      status: "requires_payment_method",
      amount_capturable: 0,
      amount_received: 0,
      metadata: metadataOf(form),
      last_payment_error: null,
      latest_charge: null,
    };
    this.intents.set(intent.id, intent);
    return intent;
  }

  confirm(wanted: string, form: Form): Intent {
    const intent = this.intent(wanted);
    if (intent.status !== "requires_payment_method") throw unexpected(intent);
    const method = form.payment_method ?? "";
    const decline = DECLINED.get(method);
    if (decline) return this.#decline(intent, decline);
    if (!PAYING.has(method)) throw invalid("resource_missing", { param: "payment_method" });
    intent.status = "requires_capture";
    intent.amount_capturable = intent.amount;
    intent.last_payment_error = null;
    intent.latest_charge = this.#charge("succeeded", intent);
    this.#tell("payment_intent.amount_capturable_updated", intent);
    return intent;
  }

  #decline(intent: Intent, reason: string): never {
    intent.last_payment_error = { type: "card_error", code: "card_declined", decline_code: reason };
    intent.latest_charge = this.#charge("failed", intent);
    this.#tell("payment_intent.payment_failed", intent);
    throw new StripeError(402, "card_error", "card_declined", { decline_code: reason });
  }

  #charge(status: Charge["status"], { canCaptureOften }: Intent): Charge {
    const multicapture = { status: canCaptureOften ? "available" : "unavailable" };
    return { id: id("ch"), object: "charge", status, payment_method_details: { card: { multicapture } } };
  }

  capture(wanted: string, form: Form): Intent {
    const intent = this.intent(wanted);
    if (intent.status !== "requires_capture") throw unexpected(intent);
    const amount = Number(form.amount_to_capture ?? intent.amount_capturable);
    if (!Number.isInteger(amount) || amount <= 0) throw invalid("parameter_invalid_integer");
    if (amount > intent.amount_capturable) throw invalid("amount_too_large");
    const isFinal = form.final_capture !== "false";
    if (!isFinal && !intent.canCaptureOften) throw invalid("parameter_invalid", { param: "final_capture" });
    intent.amount_received += amount;
    intent.amount_capturable = isFinal ? 0 : intent.amount_capturable - amount;
    if (isFinal) intent.status = "succeeded";
    intent.metadata = { ...intent.metadata, ...metadataOf(form) };
    this.#tell(isFinal ? "payment_intent.succeeded" : "payment_intent.amount_capturable_updated", intent);
    return intent;
  }

  cancel(wanted: string): Intent {
    const intent = this.intent(wanted);
    if (intent.status === "canceled" || intent.status === "succeeded") throw unexpected(intent);
    intent.status = "canceled";
    intent.amount_capturable = 0;
    this.#tell("payment_intent.canceled", intent);
    return intent;
  }

  refund(form: Form): Refund {
    const intent = this.intent(form.payment_intent ?? "");
    const given = this.refundsOf(intent.id).reduce((sum, { amount }) => sum + amount, 0);
    const left = intent.amount_received - given;
    const amount = Number(form.amount ?? left);
    if (left === 0) throw invalid("charge_already_refunded");
    if (!Number.isInteger(amount) || amount <= 0 || amount > left) throw invalid("amount_too_large");
    const refund: Refund = {
      id: id("re"),
      object: "refund",
      amount,
      currency: intent.currency,
      payment_intent: intent.id,
      status: "succeeded",
      metadata: metadataOf(form),
    };
    this.refunds.push(refund);
    this.#tell("refund.created", refund);
    return refund;
  }

  refundsOf = (wanted: string): Refund[] => this.refunds.filter(({ payment_intent: paid }) => paid === wanted);
}
