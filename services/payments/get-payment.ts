import { fault } from "../../lib/fault.ts";
import { money } from "../../lib/money.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import type * as payments from "./contract.ts";
import { findMovements, type Movement } from "./movement-store.ts";
import { findOverview } from "./store.ts";

export const getPayment =
  ({ db }: Resources): Handler<typeof payments.getPayment> =>
  async ({ orderId }) => {
    const payment = await findOverview(db.sql, orderId);
    if (!payment) throw fault("not_found", `There is no payment of order ${orderId}.`);
    const { status, provider, reason, currency, hasAmount, updatedAt } = payment;
    const sum = (amount: number) => (hasAmount ? money(amount, currency) : null);
    const movements = await findMovements(db.sql, orderId);
    return {
      orderId,
      status,
      provider,
      reason,
      authorized: sum(payment.amount),
      captured: sum(payment.captured),
      refunded: sum(payment.refunded),
      captures: movements.filter(({ kind }) => kind === "capture").map(toView),
      refunds: movements.filter(({ kind }) => kind === "refund").map(toView),
      updatedAt,
    };
  };

const toView = ({ id, amount, status, why, refusal, at }: Movement): payments.Movement => ({
  id,
  amount,
  status,
  why,
  refusal,
  at,
});
