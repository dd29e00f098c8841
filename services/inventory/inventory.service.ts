import { pageOf } from "../../lib/contract.ts";
import { on } from "../../lib/reactions.ts";
import { service } from "../../lib/service.ts";
import * as catalog from "../catalog/contract.ts";
import { adjust } from "./adjust.ts";
import { allocate } from "./allocate.ts";
import { announceFlips } from "./announce-flips.ts";
import * as inventory from "./contract.ts";
import { expire, release } from "./release.ts";
import { findAdjustments, setThreshold } from "./history.ts";
import { tellLow } from "./low-stock.ts";
import { reserve } from "./reserve.ts";
import { restock } from "./restock.ts";
import * as store from "./store.ts";

export default service("inventory", inventory, (r) => ({
  actions: {
    findAvailability: async ({ skus }) => {
      const found = await store.findAvailability(r.db.sql, skus);
      return { available: Object.fromEntries(skus.map((sku) => [sku, found.has(sku) ? found.get(sku)! : 0])) };
    },
    reserve: reserve(r),
    allocate: allocate(r),
    release,
    restock,
    findStock: async ({ sku, limit, cursor }) => {
      const found = await store.findLevels(r.db.sql, { sku, cursor, limit: limit + 1 });
      return pageOf(found, limit, (last) => last.sku);
    },
    adjust,
    findAdjustments: findAdjustments(r),
    setThreshold: setThreshold(r),
  },
  reactions: [on(catalog.productChanged, async ({ variants }, tx) => announceFlips(tx, await store.stock(tx, variants)))],
  jobs: [
    { name: "expire reservations", every: 1_000, work: () => expire(r.db) },
    { name: "tell what ran low", every: 2_000, work: () => tellLow(r.db, r.config.lowStock) },
  ],
}));
