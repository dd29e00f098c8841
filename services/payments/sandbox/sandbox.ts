import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { Sql } from "../../../lib/database.ts";
import type { Money } from "../../../lib/money.ts";
import type { Authorization, Booking, Capture, Provider, Refund, Void } from "../provider.ts";
import { isStandardSigned } from "../signatures.ts";
import { bookAuthorization, bookCapture, bookRefund, bookVoid, findBooking } from "./store.ts";

const MOST = 99_999_999;
const LATENCY = 3;
const SLOW = 3_000;

/** Tokens that pay, each with how long the sandbox takes for it. */
const PAYING: ReadonlyMap<string, number> = new Map([
  ["tok_ok", LATENCY],
  ["tok_slow", SLOW],
  ["tok_timeout_charged", LATENCY],
  ["tok_duplicate_webhook", LATENCY],
]);

/** Tokens that do not, each with the reason. */
const DECLINED: ReadonlyMap<string, string> = new Map([
  ["tok_declined", "card_declined"],
  ["tok_insufficient_funds", "insufficient_funds"],
]);

interface Books {
  readonly sql: Sql;
  /** The key that its webhooks are signed with. */
  readonly webhookKey: Buffer;
}

/** A provider that moves no real money. The token says how it behaves. Its books are in schema `sandbox`, in transactions of their own. */
export const sandbox = ({ sql, webhookKey }: Books): Provider => ({
  name: "sandbox",
  async authorize({ orderId, amount, token }, signal) {
    await takeTime(PAYING.get(token));
    if (token === "tok_error") return { outcome: "failed", reason: "sandbox_error" };
    const copies = token === "tok_duplicate_webhook" ? 2 : 1;
    await bookAuthorization(sql, { orderId, amount, decline: declineOf(token, amount), copies });
    if (token === "tok_timeout_charged") await neverAnswer(signal);
    return authorizationOf(await findBooking(sql, orderId));
  },
  async capture({ orderId, captureId, amount }) {
    await takeTime();
    await bookCapture(sql, { orderId, id: captureId, amount });
    return captureOf(await findBooking(sql, orderId), captureId);
  },
  async refund({ orderId, refundId, amount }) {
    await takeTime();
    await bookRefund(sql, { orderId, id: refundId, amount });
    return refundOf(await findBooking(sql, orderId), refundId);
  },
  async voidAuthorization({ orderId }) {
    await takeTime();
    await bookVoid(sql, orderId);
    return voidOf(await findBooking(sql, orderId));
  },
  async find(orderId) {
    await takeTime();
    return findBooking(sql, orderId);
  },
  async readWebhook(message) {
    if (!isStandardSigned(message, webhookKey, Date.now())) return undefined;
    const { data } = Told.parse(JSON.parse(message.body.toString()));
    return { id: message.id!, orderId: data.orderId };
  },
});

const Told = z.object({ data: z.object({ orderId: z.string() }) });

const takeTime = (milliseconds = LATENCY): Promise<void> => pause(milliseconds, undefined, { ref: false });

const neverAnswer = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));

function declineOf(token: string, { amount }: Money): string | null {
  if (amount < 0 || amount > MOST) return "invalid_amount";
  return PAYING.has(token) ? null : (DECLINED.get(token) ?? "invalid_token");
}

function authorizationOf(booking: Booking): Authorization {
  switch (booking.outcome) {
    case "authorized":
    case "voided":
      return { outcome: booking.outcome };
    case "declined":
      return booking;
    case "nothing":
      throw new Error("The sandbox has lost an authorization.");
  }
}

function captureOf(booking: Booking, captureId: string): Capture {
  if (booking.outcome === "nothing" || booking.outcome === "declined")
    return { outcome: "refused", reason: "nothing_authorized" };
  const booked = booking.captures.find(({ id }) => id === captureId);
  if (booked) return { outcome: "captured", amount: booked.amount };
  return booking.outcome === "voided" ? { outcome: "voided" } : { outcome: "refused", reason: "amount_not_authorized" };
}

function refundOf(booking: Booking, refundId: string): Refund {
  const booked = "refunds" in booking && booking.refunds.find(({ id }) => id === refundId);
  return booked ? { outcome: "refunded", amount: booked.amount } : { outcome: "refused", reason: "amount_not_captured" };
}

const voidOf = (booking: Booking): Void => ({
  outcome: "voided",
  released: booking.outcome === "voided" ? booking.released : null,
});
