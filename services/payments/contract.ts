import { z } from "zod";
import { action, event, page, paging } from "../../lib/contract.ts";
import { Id } from "../../lib/ids.ts";
import { Money } from "../../lib/money.ts";

const OrderId = Id("ord");

/** How the buyer pays: a token that the provider's own form has made of the card. No card data ever reaches the shop. */
export const Method = z.object({ method: z.literal("card"), token: z.string().min(1).max(200) });

/**
 * `captured` is a payment of which all is taken; `authorized` one of which something is left. `failing` and `voiding` are on
 * their way: nothing more is authorized or captured for the order, and the provider has still to say that it holds nothing.
 */
export const PaymentStatus = z.enum(["pending", "authorized", "captured", "declined", "failing", "failed", "voiding", "voided"]);
export type PaymentStatus = z.output<typeof PaymentStatus>;

/** The life of a payment: from which states a move may be made. */
export const lifecycle = {
  authorize: ["pending"],
  decline: ["pending"],
  giveUp: ["pending"],
  fail: ["pending", "failing"],
  /** Only while nothing of it is captured or being captured. */
  void: ["pending", "failing", "authorized"],
  capture: ["authorized"],
  refund: ["authorized", "captured"],
  giveBack: ["pending", "failing", "authorized", "captured"],
  finishVoid: ["voiding"],
} as const satisfies Record<string, readonly PaymentStatus[]>;

export const authorize = action("payments.authorize", {
  summary: "Asks the provider to authorize the amount. The order id is the provider's idempotency key.",
  input: z.object({ orderId: OrderId, amount: Money.extend({ amount: z.int().min(0) }), payment: Method }),
  output: z.discriminatedUnion("outcome", [
    z.object({ outcome: z.literal("authorized") }),
    z.object({ outcome: z.literal("declined"), reason: z.string() }),
    /** The provider has not answered. Ask again with the same call: it asks the provider what became of it before anything is sent anew. */
    z.object({ outcome: z.literal("unknown") }),
    /** The provider says it failed, again and again, and that nothing was booked. */
    z.object({ outcome: z.literal("failed"), reason: z.string() }),
    /** The payment was voided before this arrived. */
    z.object({ outcome: z.literal("voided") }),
  ]),
  repeat: "keyed",
  timeout: 12_000,
});

export const voidAuthorization = action("payments.voidAuthorization", {
  summary:
    "Gives an authorization back of which nothing was captured. Answers `unknown` until the provider has said what it holds; an authorization that arrives later is refused.",
  input: z.object({ orderId: OrderId }),
  output: z.discriminatedUnion("outcome", [
    z.object({ outcome: z.literal("voided") }),
    z.object({ outcome: z.literal("unknown") }),
  ]),
  repeat: "keyed",
  timeout: 12_000,
});

export const CaptureId = Id("cap");
export const RefundId = Id("rfd");

export const capture = action("payments.capture", {
  summary: "Takes a part of what is authorized, or all of it. The same capture again gives the same answer.",
  input: z.object({ orderId: OrderId, captureId: CaptureId, amount: Money.extend({ amount: z.int().positive() }) }),
  output: z.discriminatedUnion("outcome", [
    z.object({ outcome: z.literal("captured") }),
    /** More than is left of the authorization, or the payment is voided or declined, or the provider refuses for good. */
    z.object({ outcome: z.literal("refused"), reason: z.string() }),
    /** The provider has not answered. Ask again with the same call. */
    z.object({ outcome: z.literal("unknown") }),
  ]),
  repeat: "keyed",
  timeout: 12_000,
});

export const refund = action("payments.refund", {
  summary: "Gives a part of what was captured back, or all of it. The same refund again gives the same answer.",
  input: z.object({
    orderId: OrderId,
    refundId: RefundId,
    amount: Money.extend({ amount: z.int().positive() }),
    reason: z.string().max(200),
  }),
  output: z.discriminatedUnion("outcome", [
    z.object({ outcome: z.literal("refunded") }),
    /** More than was captured and is not given back yet, or the provider refuses for good. */
    z.object({ outcome: z.literal("refused"), reason: z.string() }),
    /** The provider has not answered. Ask again with the same call. */
    z.object({ outcome: z.literal("unknown") }),
  ]),
  repeat: "keyed",
  timeout: 12_000,
});

export const giveBack = action("payments.giveBack", {
  summary:
    "Undoes a whole payment of an order that was cancelled: what is authorized is voided, what was captured is refunded. Captures and refunds that arrive later are refused.",
  input: z.object({ orderId: OrderId, refundId: RefundId, reason: z.string().max(200) }),
  output: z.discriminatedUnion("outcome", [
    /** `refunded` is what this gave back of what was captured; null where there was nothing of that. */
    z.object({ outcome: z.literal("given_back"), refunded: Money.nullable() }),
    /** The provider has not said what it holds. Ask again with the same call. */
    z.object({ outcome: z.literal("unknown") }),
  ]),
  repeat: "keyed",
  timeout: 12_000,
});

export const receiveWebhook = action("payments.receiveWebhook", {
  summary:
    "Takes what a payment provider has to say. Verified on the bytes as they came; the same message again changes nothing.",
  input: z.object({
    provider: z.string().max(40),
    /** The body, in base64. */
    raw: z.string().max(400_000),
    id: z.string().max(200).optional(),
    timestamp: z.string().max(40).optional(),
    signature: z.string().max(2_000).optional(),
    stripeSignature: z.string().max(2_000).optional(),
  }),
  output: z.object({}),
  access: "public",
  repeat: "keyed",
  http: {
    route: "POST /webhooks/payments/:provider",
    limit: "none",
    body: { kind: "raw", limit: 262_144 },
    headers: {
      id: "webhook-id",
      timestamp: "webhook-timestamp",
      signature: "webhook-signature",
      stripeSignature: "stripe-signature",
    },
    faults: ["not_found", "unauthorized"],
  },
});

/** One line of the sandbox provider's own ledger. */
export const LedgerEntry = z.object({
  type: z.enum(["authorize", "capture", "void", "refund"]),
  amount: z.int(),
  currency: z.string(),
  at: z.iso.datetime(),
});

export const findLedgerEntries = action("payments.findLedgerEntries", {
  summary: "What the sandbox provider has booked under an order, from its own ledger.",
  input: z.object({ orderId: OrderId }),
  output: z.object({ data: z.array(LedgerEntry) }),
  access: "admin",
  http: "GET /admin/v1/payments/sandbox/ledger",
});

/** A capture or refund, as far as it has come. `why` is what was said when it was asked for, `refusal` why it was not done. */
export const Movement = z.object({
  id: z.string(),
  amount: Money,
  status: z.enum(["pending", "done", "refused"]),
  why: z.string().nullable(),
  refusal: z.string().nullable(),
  at: z.iso.datetime(),
});
export type Movement = z.output<typeof Movement>;

/** Amounts are null for an order that was voided before anything was to be paid. */
export const Payment = z.object({
  orderId: OrderId,
  status: PaymentStatus,
  provider: z.string(),
  reason: z.string().nullable(),
  authorized: Money.nullable(),
  captured: Money.nullable(),
  refunded: Money.nullable(),
  captures: z.array(Movement),
  refunds: z.array(Movement),
  updatedAt: z.iso.datetime(),
});
export type Payment = z.output<typeof Payment>;

export const getPayment = action("payments.getPayment", {
  summary: "The payment of an order with its captures and refunds.",
  input: z.object({ orderId: OrderId }),
  output: Payment,
  access: "admin",
  http: { route: "GET /admin/v1/payments/:orderId", faults: ["not_found"] },
});

/** One line of the shop's own books. The lines of one `booking` balance. */
export const JournalEntry = z.object({
  id: z.int(),
  booking: z.int(),
  orderId: OrderId,
  kind: z.enum(["capture", "refund"]),
  /** The capture's or refund's id. */
  reference: z.string(),
  account: z.string(),
  side: z.enum(["debit", "credit"]),
  amount: Money,
  at: z.iso.datetime(),
});
export type JournalEntry = z.output<typeof JournalEntry>;

export const findJournal = action("payments.findJournal", {
  summary: "The shop's books by double entry, newest first. They are only ever added to.",
  input: z.object({ orderId: OrderId.optional(), ...paging }),
  output: page(JournalEntry),
  access: "admin",
  http: "GET /admin/v1/payments/ledger",
});

/** Sums in minor units. `balance` is debit less credit. */
export const AccountBalance = z.object({
  account: z.string(),
  currency: z.string(),
  debit: z.int(),
  credit: z.int(),
  balance: z.int(),
});
export type AccountBalance = z.output<typeof AccountBalance>;

export const getTrialBalance = action("payments.getTrialBalance", {
  summary: "The sums of all accounts at one instant. `difference` is zero, or the books are wrong.",
  input: z.object({}),
  output: z.object({ accounts: z.array(AccountBalance), difference: z.int() }),
  access: "admin",
  http: "GET /admin/v1/payments/trial-balance",
});

/** How much is held, was captured and was refunded, in minor units. */
export const Stand = z.object({ held: z.int(), captured: z.int(), refunded: z.int() });
export type Stand = z.output<typeof Stand>;

export const reconcile = action("payments.reconcile", {
  summary:
    "Asks the provider what it has booked for orders whose payment changed since, settles what was open, and says where its books differ from the shop's.",
  input: z.object({ since: z.iso.datetime().optional(), limit: z.int().min(1).max(1_000).default(200) }),
  output: z.object({
    checked: z.int(),
    settled: z.int(),
    /** `provider` is null where it gave no answer. */
    differences: z.array(z.object({ orderId: OrderId, ours: Stand, provider: Stand.nullable() })),
    /** Where to go on when there was more than could be asked about in this call; null when all was. */
    nextSince: z.iso.datetime().nullable(),
  }),
  access: "admin",
  repeat: "keyed",
  timeout: 12_000,
  http: "POST /admin/v1/payments/reconciliations",
});

/** Money was taken. `amount` is this capture's, `captured` that of all captures of the order so far. */
export const captured = event(
  "payments.captured",
  "orderId",
  z.object({ orderId: OrderId, captureId: CaptureId, amount: Money, captured: Money }),
);

/** Money was given back. `refunded` is that of all refunds of the order so far. */
export const refunded = event(
  "payments.refunded",
  "orderId",
  z.object({ orderId: OrderId, refundId: RefundId, amount: Money, refunded: Money }),
);

export const voided = event("payments.voided", "orderId", z.object({ orderId: OrderId }));
