import { Errors } from "moleculer";

/**
 * Every error that a caller can get, by its stable code: its HTTP status and what it says when the thrower has nothing
 * better to say. This is the only place where a code meets a status.
 */
export const FAULTS = {
  malformed: [400, "The request is malformed."],
  idempotency_key_required: [400, "This request needs an Idempotency-Key header."],
  unauthorized: [401, "This needs a valid token or key."],
  payment_declined: [402, "The payment was declined."],
  forbidden: [403, "You may not do this."],
  not_found: [404, "There is nothing here."],
  method_not_allowed: [405, "This address does not know that method."],
  cart_locked: [409, "The cart is being checked out and cannot be changed now."],
  cart_changed: [409, "The cart or its prices have changed since you last saw them."],
  insufficient_stock: [409, "There is not enough stock."],
  coupon_unavailable: [409, "The coupon can no longer be used."],
  conflict: [409, "That does not go together with the present state."],
  request_in_progress: [409, "A request with this Idempotency-Key is still being worked on."],
  too_large: [413, "The request is too large."],
  unsupported_media_type: [415, "The content type is not supported here."],
  invalid: [422, "The request breaks a rule."],
  idempotency_key_reused: [422, "This Idempotency-Key was used with another request."],
  rate_limited: [429, "Too many requests."],
  internal: [500, "Something went wrong on our side."],
  unavailable: [503, "This part of the shop is not available right now."],
  timed_out: [503, "This took too long."],
} as const satisfies Record<string, readonly [status: number, message: string]>;

export type FaultCode = keyof typeof FAULTS;

/** What a fault says about one part of the request. `field` is a path such as `shippingAddress.country`. */
export interface Detail {
  field?: string;
  message?: string;
  [more: string]: unknown;
}

interface Options {
  details?: Detail[];
  /** Seconds until it makes sense to try again. */
  retryAfter?: number;
  cause?: unknown;
}

/**
 * An error with a stable code that may cross the bus and reach the outside. Over the bus only `type`, `code` and `data`
 * survive, so recognise one by `faultCode`, never by its class.
 */
export class Fault extends Errors.MoleculerError {
  override readonly retryable: boolean;

  constructor(code: FaultCode, message?: string, { details, retryAfter, cause }: Options = {}) {
    const [status, standard] = FAULTS[code];
    super(message ?? standard, status, code, { ...(details && { details }), ...(retryAfter !== undefined && { retryAfter }) });
    this.name = "Fault";
    this.retryable = false;
    if (cause !== undefined) this.cause = cause;
  }
}

/** Makes a fault to be thrown. Expected outcomes between services are data, not faults; see the outcome unions of the contracts. */
export const fault = (code: FaultCode, message?: string, options?: Options): Fault => new Fault(code, message, options);

/** The code of a fault, also after it crossed the bus; undefined for every other error. */
export function faultCode(error: unknown): FaultCode | undefined {
  if (!(error instanceof Error) || !("type" in error) || typeof error.type !== "string") return undefined;
  return Object.hasOwn(FAULTS, error.type) ? (error.type as FaultCode) : undefined;
}

/** True when a call failed without an answer of the callee: nobody knows whether it was executed. */
export function isUnanswered(error: unknown): boolean {
  const type = error instanceof Error && "type" in error ? error.type : undefined;
  return typeof type === "string" && UNANSWERED.has(type);
}

const UNANSWERED = new Set([
  "REQUEST_TIMEOUT",
  "REQUEST_REJECTED",
  "REQUEST_SKIPPED",
  "BAD_GATEWAY",
  "timed_out",
  "unavailable",
  "internal",
]);
