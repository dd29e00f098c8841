import { fault } from "../../lib/fault.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import type * as carts from "./contract.ts";
import { answerTo, told } from "./model.ts";
import * as store from "./store.ts";

/** Locks a cart for an order, or says why not. What an order was told once it is told again, until it has been undone. */
export const freeze =
  ({ db }: Resources): Handler<typeof carts.freeze> =>
  async (claim, ctx) => {
    do {
      const cart = await store.findClaimed(db.sql, claim);
      if (!cart) return { outcome: "unknown" };
      if (cart.answer) return told(cart, cart.answer);
      const answer = answerTo(cart);
      const isKept =
        answer.outcome === "frozen"
          ? await store.lockCart(db.sql, cart, claim.orderId)
          : await store.keepAnswer(db.sql, claim, answer);
      if (isKept) return told(cart, answer);
    } while (ctx.remaining() > 0);
    throw fault("timed_out");
  };
