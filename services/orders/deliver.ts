import { z } from "zod";
import type { Tx } from "../../lib/database.ts";
import { announce } from "../../lib/feed.ts";
import { newId } from "../../lib/ids.ts";
import { abort, done } from "../../lib/saga.ts";
import type { Resources } from "../../lib/service.ts";
import * as shipping from "../shipping/contract.ts";
import * as orders from "./contract.ts";
import { type Living, markDelivered, tell } from "./life-store.ts";
import { apply } from "./model.ts";
import { moveSaga, MoveState } from "./move-saga.ts";
import type { Kind } from "./moves.ts";

const Arrived = z.object({ id: shipping.ShipmentId, at: z.iso.datetime() });
const State = MoveState.extend({ shipmentIds: z.array(shipping.ShipmentId), arrived: z.array(Arrived).optional() });
type State = z.output<typeof State>;
type Delivering = Kind<typeof orders.deliverOrder, State>;

const deliverSaga = (r: Resources) =>
  moveSaga<State>(r, {
    kind: "deliver",
    state: State,
    steps: [
      {
        name: "confirmDelivery",
        async run({ orderId, shipmentIds }, { call }) {
          const arrived: z.output<typeof Arrived>[] = [];
          for (const id of shipmentIds) {
            const answer = await call(shipping.confirmDelivery, { orderId, shipmentId: id });
            if (answer.outcome === "unknown") return abort({ why: `Shipping knows nothing of the shipment ${id}.` });
            arrived.push({ id, at: answer.at });
          }
          return done({ arrived });
        },
      },
    ],
    record,
  });

async function record(tx: Tx, { orderId, arrived = [], by }: State, { order, life }: Living): Promise<void> {
  const after = apply(life, { move: "deliver", ids: arrived.map(({ id }) => id) });
  const isAll = "life" in after && after.life.status === "delivered";
  for (const [index, { id: shipmentId, at }] of arrived.entries()) {
    if (!(await markDelivered(tx, shipmentId, at))) continue;
    await tell(tx, orderId, { what: "delivered", detail: shipmentId, key: `delivered:${shipmentId}`, by });
    const isComplete = isAll && index === arrived.length - 1;
    await announce(tx, orders.delivered, { orderId, number: order.number, email: order.email!, shipmentId, isComplete });
  }
}

const plan: Delivering["plan"] = ({ shipmentId }, { order }) => {
  const known = order.shipments.filter(({ deliveredAt }) => deliveredAt === null).map(({ id }) => id);
  const shipmentIds = shipmentId ? [shipmentId] : known;
  return { id: newId("dlv"), move: { move: "deliver", ids: shipmentIds }, state: { shipmentIds } };
};

/** Notes that shipments have arrived. */
export const delivering = (r: Resources): Delivering => ({ kind: "deliver", saga: deliverSaga(r), plan });
