import type { Handler, Resources } from "../../lib/service.ts";
import type * as payments from "./contract.ts";
import { findEntries } from "./sandbox/store.ts";

export const findLedgerEntries =
  ({ db }: Resources): Handler<typeof payments.findLedgerEntries> =>
  async ({ orderId }) => ({ data: await findEntries(db.sql, orderId) });
