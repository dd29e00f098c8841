import { fault } from "../../lib/fault.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import type * as pricing from "./contract.ts";
import { pageOf } from "../../lib/contract.ts";
import * as store from "./tax-store.ts";

export const findTaxRates =
  ({ db }: Resources): Handler<typeof pricing.findTaxRates> =>
  async ({ country = null, limit, cursor = "" }) => {
    const found = await store.findRates(db.sql, { country, cursor, limit: limit + 1 });
    return pageOf(found, limit, (rate) => `${rate.country} ${rate.taxClass}`);
  };

export const setTaxRate: Handler<typeof pricing.setTaxRate> = (rate, ctx) =>
  ctx.commit(async (tx) => {
    await store.putRate(tx, rate);
    return rate;
  });

export const removeTaxRate: Handler<typeof pricing.removeTaxRate> = (rate, ctx) =>
  ctx.commit(async (tx) => {
    if (!(await store.removeRate(tx, rate))) throw fault("not_found", "There is no such rate.");
    return {};
  });
