import { on } from "../../lib/reactions.ts";
import { service } from "../../lib/service.ts";
import * as catalog from "../catalog/contract.ts";
import { adjust } from "./adjust.ts";
import { allocate } from "./allocate.ts";
import { announceFlips } from "./announce-flips.ts";
import * as inventory from "./contract.ts";
import { expire, release } from "./release.ts";
import { reserve } from "./reserve.ts";
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
    findStock: async ({ sku, limit, cursor }) => {
      const found = await store.findLevels(r.db.sql, { sku, cursor, limit: limit + 1 });
      const data = found.slice(0, limit);
      return { data, meta: { limit, nextCursor: found.length > limit ? data.at(-1)!.sku : null } };
    },
    adjust,
  },
  reactions: [on(catalog.productChanged, async ({ variants }, tx) => announceFlips(tx, await store.stock(tx, variants)))],
  jobs: [{ name: "expire reservations", every: 1_000, work: () => expire(r.db) }],
}));
