import { z } from "zod";
import type { Tx } from "../../lib/database.ts";
import { fault } from "../../lib/fault.ts";
import { announce } from "../../lib/feed.ts";
import { newId } from "../../lib/ids.ts";
import { Money, money } from "../../lib/money.ts";
import { abort, done, later } from "../../lib/saga.ts";
import type { Resources } from "../../lib/service.ts";
import * as payments from "../payments/contract.ts";
import { noteRefund } from "./bookings.ts";
import * as orders from "./contract.ts";
import { countUnits, type Living, lockOrder } from "./life-store.ts";
import { moveSaga, MoveState } from "./move-saga.ts";
import type { Kind } from "./moves.ts";
import { Parts, partsOf, titled } from "./parts.ts";
import { pause, UNANSWERED } from "./patience.ts";
import { paidFor } from "./shares.ts";

const State = MoveState.extend({ refundId: payments.RefundId, amount: Money, lines: Parts, reason: z.string() });
type State = z.output<typeof State>;
type Refunding = Kind<typeof orders.refundOrder, State>;

const refundSaga = (r: Resources) =>
  moveSaga<State>(r, {
    kind: "refund",
    state: State,
    steps: [
      {
        name: "refund",
        async run({ orderId, refundId, amount, reason }, { call, attempt }) {
          const answer = await call(payments.refund, { orderId, refundId, amount, reason });
          switch (answer.outcome) {
            case "refunded":
              return done();
            case "refused":
              return abort({ why: answer.reason });
            case "unknown":
              return later(pause(attempt), UNANSWERED);
          }
        },
      },
    ],
    record,
  });

async function record(tx: Tx, { orderId, refundId, amount, lines, reason, by }: State, { order }: Living): Promise<void> {
  const refundedAt = await noteRefund(tx, orderId, { refundId, amount, lines, reason, by });
  await countUnits(tx, orderId, "refunded", lines);
  const after = await lockOrder(tx, orderId);
  await announce(tx, orders.refunded, {
    orderId,
    number: order.number,
    email: order.email!,
    refundId,
    amount,
    lines: titled(order, lines),
    reason,
    isFull: after!.life.refunded >= after!.life.captured,
    refundedAt,
  });
}

const plan: Refunding["plan"] = ({ amount, lines, reason }, { order, life, currency }) => {
  if (amount !== undefined && lines) throw fault("invalid", "A refund is of an amount or of lines, not of both.");
  const id = newId("rfd");
  const parts = lines ? partsOf(order, lines) : [];
  const wanted = lines ? paidFor(life, parts) : (amount ?? life.captured - life.refunded);
  const state = { refundId: id, amount: money(wanted, currency), lines: parts, reason };
  return { id, move: { move: "refund", amount: wanted, lines: parts }, amount: wanted, why: reason, state };
};

/** Gives money back: an amount, what was paid for some lines, or all that is left. */
export const refunding = (r: Resources): Refunding => ({ kind: "refund", saga: refundSaga(r), plan });
