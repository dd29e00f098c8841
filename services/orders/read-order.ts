import { fault } from "../../lib/fault.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import type * as orders from "./contract.ts";
import * as store from "./read-store.ts";
import type { Tokens } from "./token.ts";

/** One order with everything that is known of it. */
export const readOrder =
  (r: Resources): Handler<typeof orders.readOrder> =>
  async ({ id }) => {
    const order = await store.readOrder(r.db.sql, id, "administration");
    if (!order) throw fault("not_found");
    return order;
  };

/** An order for whoever holds its token, or whose it is. Someone else's order and no order at all look the same. */
export const readOwnOrder =
  (r: Resources, tokens: Tokens): Handler<typeof orders.getOrder> =>
  async ({ id, token }, { caller }) => {
    const holdsToken = tokens.fits(id, token);
    if (!holdsToken && caller.kind !== "customer") throw fault("not_found");
    const order = await store.readOrder(r.db.sql, id, "buyer");
    const isOwn = caller.kind === "customer" && order?.customerId === caller.id;
    if (!order || !(holdsToken || isOwn)) throw fault("not_found");
    return order;
  };
