import { z } from "zod";
import type { Tx } from "../../lib/database.ts";
import { announce } from "../../lib/feed.ts";
import { newId } from "../../lib/ids.ts";
import { Money } from "../../lib/money.ts";
import { abort, done, later, type OutsideStep } from "../../lib/saga.ts";
import type { Resources } from "../../lib/service.ts";
import * as inventory from "../inventory/contract.ts";
import * as payments from "../payments/contract.ts";
import * as pricing from "../pricing/contract.ts";
import * as shipping from "../shipping/contract.ts";
import { noteRefund } from "./bookings.ts";
import * as orders from "./contract.ts";
import { cancelConfirmed, type Living, tell } from "./life-store.ts";
import { moveSaga, MoveState } from "./move-saga.ts";
import type { Kind } from "./moves.ts";
import { pause, UNANSWERED } from "./patience.ts";
import { stopCheckout } from "./stop-checkout.ts";

const State = MoveState.extend({
  refundId: payments.RefundId,
  reason: z.string(),
  /** The checkout was stopped before there was anything to give back. */
  isStopped: z.boolean().optional(),
  refunded: Money.nullable().optional(),
});
type State = z.output<typeof State>;
type Step = OutsideStep<State>;
type Cancelling = Kind<typeof orders.cancelOrder, State>;

/** A pending order's checkout is stopped; of any other the parcel is withdrawn. Behind this there is no way back. */
const stop = (r: Resources): Step => ({
  name: "stop",
  async run({ orderId, by }, { call, attempt }) {
    const checkout = await stopCheckout(r, { orderId, by, call });
    if (checkout === "stopping") return later(pause(attempt), "the checkout is still being undone");
    if (checkout === "stopped") return done({ isStopped: true });
    const { outcome } = await call(shipping.withdrawParcel, { orderId });
    if (outcome === "shipped") return abort({ why: "A part of this order was sent, so it cannot be cancelled." });
    return done();
  },
});

const giveBack: Step = {
  name: "giveBack",
  async run({ isStopped, orderId, refundId, reason }, { call, attempt }) {
    if (isStopped) return done();
    const answer = await call(payments.giveBack, { orderId, refundId, reason });
    return answer.outcome === "unknown" ? later(pause(attempt), UNANSWERED) : done({ refunded: answer.refunded });
  },
};

const release: Step = {
  name: "release",
  async run({ isStopped, orderId }, { call }) {
    if (!isStopped) await call(inventory.release, { orderId });
    return done();
  },
};

const returnCoupons: Step = {
  name: "returnCoupons",
  async run({ isStopped, orderId }, { call }) {
    if (!isStopped) await call(pricing.returnCoupons, { orderId });
    return done();
  },
};

const cancelSaga = (r: Resources) =>
  moveSaga<State>(r, { kind: "cancel", state: State, steps: [stop(r), giveBack, release, returnCoupons], record });

async function record(tx: Tx, state: State, { order, confirmedAt }: Living): Promise<void> {
  const { orderId, refundId, refunded = null, reason, by } = state;
  if (!confirmedAt || !(await cancelConfirmed(tx, orderId))) return;
  if (refunded) await noteRefund(tx, orderId, { refundId, amount: refunded, lines: [], reason, by });
  await tell(tx, orderId, { what: "cancelled", detail: reason, by });
  const lines = order.lines.map(({ sku, quantity }) => ({ sku, quantity }));
  const confirmed = { email: order.email!, lines, total: order.totals!.total, refunded, confirmedAt };
  const { number, cartId } = order;
  await announce(tx, orders.cancelled, { orderId, number, cartId, reason, confirmed });
}

const plan: Cancelling["plan"] = ({ reason }) => {
  const id = newId("rfd");
  return { id, move: { move: "cancel", refunded: 0 }, why: reason, state: { refundId: id, reason } };
};

/** Cancels an order of which nothing was sent: money, stock and coupons go back. */
export const cancelling = (r: Resources): Cancelling => ({ kind: "cancel", saga: cancelSaga(r), plan });
