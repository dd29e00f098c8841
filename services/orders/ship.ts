import { z } from "zod";
import type { Tx } from "../../lib/database.ts";
import { announce } from "../../lib/feed.ts";
import { idFor, newId } from "../../lib/ids.ts";
import { Money, money } from "../../lib/money.ts";
import { abort, done, later, type OutsideStep } from "../../lib/saga.ts";
import type { Resources } from "../../lib/service.ts";
import * as payments from "../payments/contract.ts";
import * as shipping from "../shipping/contract.ts";
import { noteCapture } from "./bookings.ts";
import * as orders from "./contract.ts";
import { countUnits, insertShipment, type Living, lockOrder, tell } from "./life-store.ts";
import { apply, rest } from "./model.ts";
import { moveSaga, MoveState } from "./move-saga.ts";
import type { Kind } from "./moves.ts";
import { inWords, Parts, partsOf, titled } from "./parts.ts";
import { pause, UNANSWERED } from "./patience.ts";
import { dueWith } from "./shares.ts";
import { refreshStatuses } from "./statuses.ts";

const State = MoveState.extend({
  shipmentId: shipping.ShipmentId,
  lines: Parts,
  carrier: z.string().optional(),
  trackingNumber: z.string().optional(),
  /** What is taken with it, in a shop that captures at shipment. */
  due: Money.optional(),
  shippedAt: z.iso.datetime().optional(),
});
type State = z.output<typeof State>;
type Sending = Kind<typeof orders.shipOrder, State>;

// A parcel is planned within a second of the confirmation.
const PARCEL_SOON = 300;

const send: OutsideStep<State> = {
  name: "createShipment",
  async run({ orderId, shipmentId, lines, carrier, trackingNumber }, { call, attempt }) {
    const tracking = { ...(carrier && { carrier }), ...(trackingNumber && { trackingNumber }) };
    const answer = await call(shipping.createShipment, { orderId, shipmentId, lines, ...tracking });
    switch (answer.outcome) {
      case "shipped":
        return done({ shippedAt: answer.at });
      case "unplanned":
        return later(pause(attempt, PARCEL_SOON), "the order's parcel is not planned yet");
      case "refused":
        return abort({ why: answer.reason });
    }
  },
};

/** The shipment is on its way, whatever becomes of the money. */
async function noteShipment(tx: Tx, state: State): Promise<void> {
  const { orderId, shipmentId: id, lines, carrier = null, trackingNumber = null, shippedAt, by } = state;
  const living = await lockOrder(tx, orderId);
  if (!living || !shippedAt) throw new Error(`order ${orderId} has nothing to ship`);
  if (!(await insertShipment(tx, orderId, { id, lines, carrier, trackingNumber, shippedAt }))) return;
  await countUnits(tx, orderId, "shipped", lines);
  await tell(tx, orderId, { what: "shipped", detail: inWords(lines), key: `shipped:${id}`, by });
  await refreshStatuses(tx, orderId);
  await announceShipment(tx, state, living);
}

async function announceShipment(tx: Tx, { shipmentId, lines, carrier, trackingNumber }: State, { order, life }: Living) {
  const after = apply(life, { move: "ship", id: shipmentId, lines });
  await announce(tx, orders.shipped, {
    orderId: order.id,
    number: order.number,
    email: order.email!,
    shipmentId,
    lines: titled(order, lines),
    carrier: carrier ?? null,
    trackingNumber: trackingNumber ?? null,
    shippingAddress: order.shippingAddress!,
    isComplete: "life" in after && rest(after.life, "shipped").length === 0,
  });
}

const captureIdOf = ({ shipmentId }: State) => idFor("cap", shipmentId);

/** A refused capture does not call the shipment back: the saga waits, stuck, until an operator has found the money. */
const capture: OutsideStep<State> = {
  name: "capture",
  async run(state, { call, attempt }) {
    if (!state.due) return done();
    const answer = await call(payments.capture, { orderId: state.orderId, captureId: captureIdOf(state), amount: state.due });
    switch (answer.outcome) {
      case "captured":
        return done();
      case "refused":
        return abort({ why: `The goods were sent, and their money was not taken: ${answer.reason}` });
      case "unknown":
        return later(pause(attempt), UNANSWERED);
    }
  },
};

const shipSaga = (r: Resources) =>
  moveSaga<State>(r, { kind: "ship", state: State, steps: [send, { name: "note", commit: noteShipment }, capture], record });

async function record(tx: Tx, state: State): Promise<void> {
  const { orderId, due: amount, by } = state;
  if (!amount) return;
  await noteCapture(tx, orderId, { captureId: captureIdOf(state), amount, by });
}

const planWith =
  ({ config }: Resources): Sending["plan"] =>
  ({ lines, carrier, trackingNumber }, { order, life, currency }) => {
    const id = newId("shp");
    const parts = lines ? partsOf(order, lines) : rest(life, "shipped");
    const due = config.capture === "shipment" ? dueWith(life, parts) : 0;
    const tracking = { ...(carrier && { carrier }), ...(trackingNumber && { trackingNumber }) };
    const state = { shipmentId: id, lines: parts, ...tracking, ...(due > 0 && { due: money(due, currency) }) };
    return { id, move: { move: "ship", id, lines: parts }, state };
  };

/** Sends an order, or some lines of it. Where the shop captures at shipment, their money is taken. */
export const sending = (r: Resources): Sending => ({ kind: "ship", saga: shipSaga(r), plan: planWith(r) });
