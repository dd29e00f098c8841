import { money } from "../../lib/money.ts";
import { on } from "../../lib/reactions.ts";
import { service } from "../../lib/service.ts";
import * as orders from "../orders/contract.ts";
import * as shipping from "./contract.ts";
import { planParcel } from "./plan-parcel.ts";
import { confirmDelivery, createShipment, withdrawParcel } from "./shipments.ts";
import * as store from "./store.ts";
import { tariffs } from "./tariffs.ts";

export default service("shipping", shipping, (r) => ({
  actions: {
    async findOptions({ country, grams, total }) {
      const { currency } = r.config;
      const rows = await store.findOptions(r.db.sql, { country, grams, total: total?.amount ?? null });
      const inMoney = (amount: number) => money(amount, currency);
      const options = rows.map(({ amount, freeFrom, ...option }) => ({
        ...option,
        price: inMoney(amount),
        freeFrom: freeFrom === null ? null : inMoney(freeFrom),
      }));
      return { options };
    },
    createShipment: createShipment(r),
    withdrawParcel: withdrawParcel(r),
    confirmDelivery: confirmDelivery(r),
    ...tariffs(r),
  },
  reactions: [on(orders.confirmed, planParcel)],
}));
