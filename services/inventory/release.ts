import type { Database, Tx } from "../../lib/database.ts";
import type { Handler } from "../../lib/service.ts";
import { announceFlips, available } from "./announce-flips.ts";
import type * as inventory from "./contract.ts";
import * as holds from "./hold-store.ts";

export const release: Handler<typeof inventory.release> = ({ orderId }, ctx) =>
  ctx.commit(async (tx) => {
    await releaseOrder(tx, orderId);
    return {};
  });

/** Puts back what an order holds, once, and leaves a tombstone. */
export async function releaseOrder(tx: Tx, orderId: string): Promise<void> {
  const status = await holds.lockOrEntomb(tx, orderId);
  if (status === "released") return;
  await announceFlips(tx, available(await holds.putBack(tx, [orderId], "released")));
}

const MOST_AT_ONCE = 500;

/** Ends reservations whose time is over. Nodes that do it at the same instant take different ones. */
export function expire(db: Database): Promise<void> {
  return db.transaction(async (tx) => {
    const orderIds = await holds.lockDue(tx, MOST_AT_ONCE);
    if (orderIds.length === 0) return;
    await announceFlips(tx, available(await holds.putBack(tx, orderIds, "expired")));
  });
}
