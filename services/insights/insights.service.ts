import { fault } from "../../lib/fault.ts";
import { money } from "../../lib/money.ts";
import { on } from "../../lib/reactions.ts";
import { service } from "../../lib/service.ts";
import * as carts from "../carts/contract.ts";
import type { VariantId } from "../catalog/contract.ts";
import * as inventory from "../inventory/contract.ts";
import * as orders from "../orders/contract.ts";
import * as insights from "./contract.ts";
import * as figures from "./figures-store.ts";
import { addUp, conversionOf, type Period, periodOf, salesOf } from "./model.ts";
import * as store from "./store.ts";

function requirePeriod(asked: Parameters<typeof periodOf>[0]): Period {
  const period = periodOf(asked, Date.now());
  if (typeof period !== "string") return period;
  throw fault("malformed", `The time that is asked for ${period}.`, { details: [{ field: "until", message: period }] });
}

export default service("insights", insights, ({ db, config }) => ({
  actions: {
    async findSales(asked) {
      const days = await figures.readSales(db.sql, requirePeriod(asked));
      const data = days.map(({ day, ...counts }) => ({ day, ...salesOf(counts, config.currency) }));
      return { data, total: salesOf(addUp(days), config.currency) };
    },
    async findBestSellers({ limit, ...asked }) {
      const found = await figures.readBestSellers(db.sql, { ...requirePeriod(asked), limit });
      const data = found.map(({ variantId, revenue, ...rest }) => ({
        ...rest,
        variantId: variantId as VariantId,
        revenue: money(revenue, config.currency),
      }));
      return { data };
    },
    async findConversion(asked) {
      const days = await figures.readConversion(db.sql, requirePeriod(asked));
      const sum = (count: "started" | "completed") => days.reduce((all, day) => all + day[count], 0);
      const total = conversionOf({ started: sum("started"), completed: sum("completed") });
      return { data: days.map(({ day, ...counts }) => ({ day, ...conversionOf(counts) })), total };
    },
    findLowStock: async () => ({ data: await figures.readLowStock(db.sql) }),
  },
  reactions: [
    on(orders.confirmed, (order, tx) => store.insertSale(tx, order)),
    on(orders.cancelled, ({ orderId }, tx) => store.cancelSale(tx, orderId)),
    on(orders.refunded, (refund, tx) => store.insertRefund(tx, refund)),
    on(carts.started, ({ cartId }, tx, { occurredAt }) => store.startCart(tx, cartId, occurredAt)),
    on(carts.completed, ({ cartId }, tx, { occurredAt }) => store.completeCart(tx, cartId, occurredAt)),
    on(inventory.ranLow, (shelf, tx, { occurredAt }) => store.putLow(tx, shelf, occurredAt)),
    on(inventory.filledUp, ({ sku }, tx) => store.dropLow(tx, sku)),
  ],
  reset: store.clear,
}));
