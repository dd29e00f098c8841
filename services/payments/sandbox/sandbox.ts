import { setTimeout as pause } from "node:timers/promises";
import type { Sql } from "../../../lib/database.ts";
import type { Money } from "../../../lib/money.ts";
import type { Authorization, Booking, Capture, Provider, Void } from "../provider.ts";
import { bookAuthorization, bookCapture, bookVoid, findBooking } from "./store.ts";

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

/** A provider that moves no real money. The token says how it behaves. Its books are in schema `sandbox`, in transactions of their own. */
export const sandbox = (sql: Sql): Provider => ({
  name: "sandbox",
  async authorize({ orderId, amount, token }, signal) {
    await takeTime(PAYING.get(token));
    if (token === "tok_error") return { outcome: "failed", reason: "sandbox_error" };
    await bookAuthorization(sql, orderId, amount, declineOf(token, amount));
    if (token === "tok_timeout_charged") await neverAnswer(signal);
    return authorizationOf(await findBooking(sql, orderId));
  },
  async capture({ orderId, amount }) {
    await takeTime();
    await bookCapture(sql, orderId, amount);
    return captureOf(await findBooking(sql, orderId));
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
});

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
    case "captured":
      return { outcome: "authorized" };
    case "declined":
      return booking;
    case "voided":
      return { outcome: "voided" };
    case "nothing":
      throw new Error("The sandbox has lost an authorization.");
  }
}

function captureOf(booking: Booking): Capture {
  switch (booking.outcome) {
    case "captured":
      return booking;
    case "voided":
      return { outcome: "voided" };
    case "authorized":
      return { outcome: "refused", reason: "amount_not_authorized" };
    case "declined":
    case "nothing":
      return { outcome: "refused", reason: "nothing_authorized" };
  }
}

const voidOf = (booking: Booking): Void => {
  if (booking.outcome === "captured") return { outcome: "captured" };
  return { outcome: "voided", released: booking.outcome === "voided" ? booking.released : null };
};
