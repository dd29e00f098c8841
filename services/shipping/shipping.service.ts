import { money } from "../../lib/money.ts";
import { on } from "../../lib/reactions.ts";
import { service } from "../../lib/service.ts";
import * as orders from "../orders/contract.ts";
import * as shipping from "./contract.ts";
import { planParcel } from "./plan-parcel.ts";
import * as store from "./store.ts";

export default service("shipping", shipping, ({ db, config }) => ({
  actions: {
    async findOptions({ country }) {
      const rows = await store.findOptions(db.sql, country);
      return { options: rows.map(({ amount, ...option }) => ({ ...option, price: money(amount, config.currency) })) };
    },
  },
  reactions: [on(orders.confirmed, planParcel)],
}));
