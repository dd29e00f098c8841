import { on } from "../../lib/reactions.ts";
import { service } from "../../lib/service.ts";
import * as orders from "../../services/orders/contract.ts";
import * as tally from "./contract.ts";

export default service("tally", tally, ({ db }) => ({
  actions: {
    async getTally() {
      const [row] = await db.sql<[{ orders: number; units: number }]>`
        select count(*)::int as orders, coalesce(sum(units), 0)::int as units from tally`;
      return row;
    },
  },
  reactions: [
    on(orders.confirmed, async ({ orderId, lines }, tx) => {
      const units = lines.reduce((sum, { quantity }) => sum + quantity, 0);
      await tx`insert into tally (order_id, units) values (${orderId}, ${units})`;
    }),
  ],
  reset: async (tx) => void (await tx`delete from tally`),
}));
