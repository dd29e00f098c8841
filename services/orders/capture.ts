import type { z } from "zod";
import type { Tx } from "../../lib/database.ts";
import { idFor, newId } from "../../lib/ids.ts";
import { Money, money } from "../../lib/money.ts";
import { abort, done, later } from "../../lib/saga.ts";
import type { Resources } from "../../lib/service.ts";
import * as payments from "../payments/contract.ts";
import { noteCapture } from "./bookings.ts";
import type { captureOrder, OrderId } from "./contract.ts";
import { lockOrder } from "./life-store.ts";
import { refusalTo, rest } from "./model.ts";
import { moveSaga, MoveState } from "./move-saga.ts";
import { findOpen, insertMove } from "./move-store.ts";
import type { Kind } from "./moves.ts";
import { pause, UNANSWERED } from "./patience.ts";

const State = MoveState.extend({ captureId: payments.CaptureId, amount: Money });
type State = z.output<typeof State>;
type Capturing = Kind<typeof captureOrder, State>;

const captureSaga = (r: Resources) =>
  moveSaga<State>(r, {
    kind: "capture",
    state: State,
    steps: [
      {
        name: "capture",
        async run({ orderId, captureId, amount }, { call, attempt }) {
          const answer = await call(payments.capture, { orderId, captureId, amount });
          switch (answer.outcome) {
            case "captured":
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

async function record(tx: Tx, { orderId, captureId, amount, by }: State): Promise<void> {
  await noteCapture(tx, orderId, { captureId, amount, by });
}

const plan: Capturing["plan"] = ({ amount }, { life, currency }) => {
  const id = newId("cap");
  const wanted = amount ?? life.total - life.captured;
  const state = { captureId: id, amount: money(wanted, currency) };
  return { id, move: { move: "capture", amount: wanted }, amount: wanted, state };
};

/** Takes the money of an order, or a part of it. */
export const capturing = (r: Resources): Capturing => ({ kind: "capture", saga: captureSaga(r), plan });

/** What is done with an order in the transaction that confirms it. */
export type AtConfirmation = (tx: Tx, orderId: OrderId) => Promise<void>;

/** Where the shop captures at shipment, an order of which nothing has to be sent would never be paid: its money is taken at once. */
export const captureUnsendable =
  ({ config, sagas }: Resources, { saga }: Capturing): AtConfirmation =>
  async (tx, orderId) => {
    if (config.capture !== "shipment") return;
    const living = await lockOrder(tx, orderId);
    // Whoever is cancelling the order already wants no money of it.
    if (!living || rest(living.life, "shipped").length > 0 || (await findOpen(tx, orderId))) return;
    const amount = living.life.total;
    if (refusalTo(living.life, { move: "capture", amount })) return;
    const id = idFor("cap", orderId);
    await insertMove(tx, { id, orderId, kind: "capture", amount, by: "orders" });
    const state = { moveId: id, orderId, by: "orders", captureId: id, amount: money(amount, living.currency) };
    await sagas.start(tx, saga, { id, state });
  };
