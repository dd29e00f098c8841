import { pageOf } from "../../lib/contract.ts";
import { fault } from "../../lib/fault.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import type * as notifications from "./contract.ts";
import * as store from "./store.ts";

export const findMails =
  ({ db }: Resources): Handler<typeof notifications.findMails> =>
  async ({ to, limit, cursor }) => {
    const found = await store.findSent(db.sql, { to, limit: limit + 1, cursor });
    return pageOf(found, limit);
  };

export const findFailedMails =
  ({ db }: Resources): Handler<typeof notifications.findFailedMails> =>
  async ({ limit, cursor }) => {
    const found = await store.findFailed(db.sql, { limit: limit + 1, cursor });
    return pageOf(found, limit);
  };

export const retryMail =
  (): Handler<typeof notifications.retryMail> =>
  ({ id }, ctx) =>
    ctx.commit(async (tx) => {
      if (!(await store.reviveMail(tx, id))) throw fault("not_found", "There is no failed mail of this id.");
      return {};
    });
