import { failpoint } from "../../lib/failpoint.ts";
import type { Money } from "../../lib/money.ts";
import type { Handler } from "../../lib/service.ts";
import type * as payments from "./contract.ts";
import { isHopeless, nextFor, type Outcome, outcomeOf, type Payment, type Settlement, settlementBy } from "./model.ts";
import * as store from "./store.ts";
import { ask, type Till } from "./till.ts";

/** What is sent to the provider; an order's first request decides what that is. */
interface Request {
  readonly orderId: string;
  readonly amount: Money;
  readonly token: string;
}

export const authorize =
  (till: Till): Handler<typeof payments.authorize> =>
  ({ orderId, amount, payment }) =>
    authorizePayment(till, { orderId, amount, token: payment.token });

/** Notes the payment down, asks the provider, saves what it says. May be called as often as one likes, also at the same instant. */
export async function authorizePayment(till: Till, request: Request): Promise<Outcome> {
  const { orderId } = request;
  const isNew = await store.openPayment(till.db.sql, { ...request, provider: till.provider.name });
  failpoint("payments.authorize.afterOpen");
  const next = nextFor(await paymentOf(till, orderId), { isNew });
  switch (next.do) {
    case "answer":
      return next.outcome;
    case "giveUp":
      return release(till, orderId);
    case "find":
      return findOrSend(till, { orderId, amount: next.amount, token: next.token });
    case "send":
      return send(till, { orderId, amount: next.amount, token: next.token });
  }
}

async function paymentOf(till: Till, orderId: string): Promise<Payment> {
  const payment = await store.findPayment(till.db.sql, orderId);
  if (!payment) throw new Error(`The payment of ${orderId} is gone.`);
  return payment;
}

/** Somebody has asked before, and what became of that is not known. */
async function findOrSend(till: Till, request: Request): Promise<Outcome> {
  const booking = await ask(till, (signal) => till.provider.find(request.orderId, signal));
  if (booking.outcome === "unknown" || booking.outcome === "failed") return { outcome: "unknown" };
  const settlement = settlementBy(booking);
  return settlement ? settle(till, request.orderId, settlement) : send(till, request);
}

async function send(till: Till, request: Request): Promise<Outcome> {
  const answer = await ask(till, (signal) => till.provider.authorize(request, signal));
  failpoint("payments.authorize.afterProvider");
  switch (answer.outcome) {
    case "unknown":
      return answer;
    case "failed":
      return failed(till, request.orderId, answer.reason);
    case "authorized":
      return settle(till, request.orderId, { status: "authorized" });
    case "declined":
      return settle(till, request.orderId, { status: "declined", reason: answer.reason });
    case "voided":
      return settle(till, request.orderId, { status: "failed", reason: "voided_at_provider" });
  }
}

async function settle(till: Till, orderId: string, settlement: Settlement): Promise<Outcome> {
  await store.settle(till.db.sql, orderId, settlement);
  failpoint("payments.authorize.afterSettle");
  return outcomeOf(await paymentOf(till, orderId));
}

async function failed(till: Till, orderId: string, reason: string): Promise<Outcome> {
  const failures = await store.countFailure(till.db.sql, orderId);
  if (!isHopeless(failures)) return outcomeOf(await paymentOf(till, orderId));
  const booking = await ask(till, (signal) => till.provider.find(orderId, signal));
  if (booking.outcome === "unknown" || booking.outcome === "failed") return { outcome: "unknown" };
  const settlement = settlementBy(booking);
  if (settlement) return settle(till, orderId, settlement);
  // First here, then at the provider: a request that is still under way may be authorized until the provider bars it.
  await store.giveUp(till.db.sql, orderId, reason);
  failpoint("payments.authorize.afterGiveUp");
  return release(till, orderId);
}

/** Asks what became of a payment that is pending. Sends nothing: whoever wants the money asks for it again. */
export async function settlePending(till: Till, orderId: string): Promise<void> {
  const booking = await ask(till, (signal) => till.provider.find(orderId, signal));
  if (booking.outcome === "unknown" || booking.outcome === "failed") return;
  const settlement = settlementBy(booking);
  if (settlement) await settle(till, orderId, settlement);
}

/** A payment that was given up has failed once the provider holds nothing and bars the order. */
export async function release(till: Till, orderId: string): Promise<Outcome> {
  const payment = await paymentOf(till, orderId);
  if (payment.status !== "failing") return outcomeOf(payment);
  const answer = await ask(till, (signal) => till.provider.voidAuthorization({ orderId }, signal));
  failpoint("payments.authorize.afterRelease");
  if (answer.outcome !== "voided") return { outcome: "unknown" };
  return settle(till, orderId, { status: "failed", reason: payment.reason });
}
