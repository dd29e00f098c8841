import { pageOf } from "../../lib/contract.ts";
import { fault } from "../../lib/fault.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import type * as orders from "./contract.ts";
import * as store from "./read-store.ts";

async function find(r: Resources, query: store.OrderQuery, reader: store.Reader) {
  const found = await store.findOrders(r.db.sql, { ...query, limit: query.limit + 1 }, reader);
  return pageOf(found, query.limit);
}

export const findOrders =
  (r: Resources): Handler<typeof orders.findOrders> =>
  (query) =>
    find(r, query, "administration");

export const findOwnOrders =
  (r: Resources): Handler<typeof orders.findOwnOrders> =>
  async ({ limit, cursor }, { caller }) => {
    if (caller.kind !== "customer") throw fault("forbidden", "Only customers have orders of their own.");
    return find(r, { customerId: caller.id, limit, cursor }, "buyer");
  };
