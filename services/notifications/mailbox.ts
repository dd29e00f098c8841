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

/** A page of what was found, which is one more than the page holds if there is a next one. */
function pageOf<T extends { id: string }>(found: readonly T[], limit: number) {
  const data = found.slice(0, limit);
  const nextCursor = found.length > limit ? data.at(-1)!.id : null;
  return { data, meta: { limit, nextCursor } };
}
