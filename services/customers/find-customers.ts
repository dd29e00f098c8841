import { fault } from "../../lib/fault.ts";
import type { Handler } from "../../lib/service.ts";
import { CustomerId } from "./contract.ts";
import type * as customers from "./contract.ts";
import * as store from "./store.ts";
import type { Tools } from "./tools.ts";

/** Lists customers, newest first. The cursor is the last one of the page before. */
export const findCustomers =
  ({ r }: Tools): Handler<typeof customers.findCustomers> =>
  async ({ email, limit, cursor }) => {
    if (cursor !== undefined && !CustomerId.safeParse(cursor).success) {
      throw fault("malformed", "The cursor is not one that this list gave.", { details: [{ field: "cursor" }] });
    }
    const found = await store.findCustomers(r.db.sql, { email: email?.trim().toLowerCase(), limit: limit + 1, cursor });
    const data = found.slice(0, limit);
    return { data, meta: { limit, nextCursor: found.length > limit ? data.at(-1)!.id : null } };
  };
