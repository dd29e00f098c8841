import { z } from "zod";
import type { Tx } from "../../lib/database.ts";
import { announce } from "../../lib/feed.ts";
import { newId } from "../../lib/ids.ts";
import { done } from "../../lib/saga.ts";
import type { Resources } from "../../lib/service.ts";
import * as inventory from "../inventory/contract.ts";
import * as orders from "./contract.ts";
import { countUnits, type Living, tell } from "./life-store.ts";
import { rest } from "./model.ts";
import { moveSaga, MoveState } from "./move-saga.ts";
import type { Kind } from "./moves.ts";
import { inWords, Parts, partsOf } from "./parts.ts";

const State = MoveState.extend({
  returnId: inventory.restock.input.shape.returnId,
  lines: Parts,
  restock: z.boolean(),
  reason: z.string(),
});
type State = z.output<typeof State>;
type Returning = Kind<typeof orders.returnOrder, State>;

const returnSaga = (r: Resources) =>
  moveSaga<State>(r, {
    kind: "return",
    state: State,
    steps: [
      {
        name: "restock",
        async run({ orderId, returnId, lines, restock }, { call }) {
          if (restock) await call(inventory.restock, { orderId, returnId, lines });
          return done();
        },
      },
    ],
    record,
  });

async function record(tx: Tx, { orderId, returnId, lines, reason, by }: State, { order }: Living): Promise<void> {
  await countUnits(tx, orderId, "returned", lines);
  await tell(tx, orderId, { what: "returned", detail: `${inWords(lines)}: ${reason}`, by });
  await announce(tx, orders.returned, { orderId, number: order.number, returnId, lines, reason });
}

const plan: Returning["plan"] = ({ lines, restock, reason }, { order, life }) => {
  const id = newId("rtn");
  const parts = lines ? partsOf(order, lines) : rest(life, "returned");
  return { id, move: { move: "return", lines: parts }, why: reason, state: { returnId: id, lines: parts, restock, reason } };
};

/** Takes goods back that were sent. */
export const returning = (r: Resources): Returning => ({ kind: "return", saga: returnSaga(r), plan });
