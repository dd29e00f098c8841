import type { Tx } from "../../lib/database.ts";
import { lockOrder, setStatuses } from "./life-store.ts";
import { statusesOf } from "./model.ts";

/** Sets an order's statuses to what follows from its numbers. One that came to nothing keeps those that say why. */
export async function refreshStatuses(tx: Tx, orderId: string): Promise<void> {
  const living = await lockOrder(tx, orderId);
  if (living?.confirmedAt) await setStatuses(tx, orderId, statusesOf(living.life));
}
