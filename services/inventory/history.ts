import { pageOf } from "../../lib/contract.ts";
import { fault } from "../../lib/fault.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import type * as inventory from "./contract.ts";
import * as low from "./low-stock-store.ts";
import * as store from "./store.ts";

export const findAdjustments =
  ({ db }: Resources): Handler<typeof inventory.findAdjustments> =>
  async ({ sku, limit, cursor }) => {
    if (cursor !== undefined && !/^\d{1,18}$/.test(cursor)) throw fault("malformed", "This cursor is not one of this list.");
    return pageOf(await store.findAdjustments(db.sql, { sku, cursor, limit: limit + 1 }), limit);
  };

export const setThreshold =
  ({ config }: Resources): Handler<typeof inventory.setThreshold> =>
  ({ sku, lowStockAt }, ctx) =>
    ctx.commit(async (tx) => {
      if (!(await low.setThreshold(tx, sku, lowStockAt))) throw fault("not_found", `There is no SKU "${sku}".`);
      return { sku, lowStockAt: lowStockAt ?? config.lowStock };
    });
