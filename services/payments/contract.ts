import { z } from "zod";
import { action, event } from "../../lib/contract.ts";
import { Id } from "../../lib/ids.ts";
import { Money } from "../../lib/money.ts";

const OrderId = Id("ord");

/** How the buyer pays: a token that the provider's own form has made of the card. No card data ever reaches the shop. */
export const Method = z.object({ method: z.literal("card"), token: z.string().min(1).max(200) });

/**
 * `failing` and `voiding` are on their way: nothing more is authorized for the order, and the provider has still to say that
 * it holds nothing.
 */
export const PaymentStatus = z.enum(["pending", "authorized", "captured", "declined", "failing", "failed", "voiding", "voided"]);
export type PaymentStatus = z.output<typeof PaymentStatus>;

/** The life of a payment: from which states a move may be made. */
export const lifecycle = {
  authorize: ["pending"],
  decline: ["pending"],
  giveUp: ["pending"],
  fail: ["pending", "failing"],
  void: ["pending", "failing", "authorized"],
  finishVoid: ["voiding"],
  // From `voiding` when the provider had captured before the void reached it.
  capture: ["authorized", "voiding"],
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
    "Gives an authorization back. Answers `unknown` until the provider has said what it holds; an authorization that arrives later is refused.",
  input: z.object({ orderId: OrderId }),
  output: z.discriminatedUnion("outcome", [
    z.object({ outcome: z.literal("voided") }),
    z.object({ outcome: z.literal("unknown") }),
  ]),
  repeat: "keyed",
  timeout: 12_000,
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

const fact = z.object({ orderId: OrderId, amount: Money });
export const captured = event("payments.captured", "orderId", fact);
export const voided = event("payments.voided", "orderId", z.object({ orderId: OrderId }));
