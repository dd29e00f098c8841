import { pageOf } from "../../lib/contract.ts";
import { fault } from "../../lib/fault.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import type * as payments from "./contract.ts";
import * as ledger from "./ledger-store.ts";
import { differenceOf } from "./model.ts";

export const findJournal =
  ({ db }: Resources): Handler<typeof payments.findJournal> =>
  async ({ orderId, limit, cursor }) => {
    const found = await ledger.findJournal(db.sql, { orderId, limit: limit + 1, cursor: readCursor(cursor) });
    return pageOf(found, limit, ({ id }) => String(id));
  };

function readCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  if (!/^\d{1,15}$/.test(cursor)) throw fault("malformed", "This is no cursor of this list.");
  return Number(cursor);
}

export const getTrialBalance =
  ({ db }: Resources): Handler<typeof payments.getTrialBalance> =>
  async () => {
    const accounts = await ledger.findBalances(db.sql);
    const byCurrency = Map.groupBy(accounts, ({ currency }) => currency);
    const difference = [...byCurrency.values()].reduce((sum, sums) => sum + Math.abs(differenceOf(sums)), 0);
    return { accounts, difference };
  };
