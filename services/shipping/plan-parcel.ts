import type { Payload } from "../../lib/contract.ts";
import type { Tx } from "../../lib/database.ts";
import { announce } from "../../lib/feed.ts";
import { newId } from "../../lib/ids.ts";
import { once } from "../../lib/once.ts";
import type * as orders from "../orders/contract.ts";
import { parcelPlanned } from "./contract.ts";
import * as store from "./store.ts";

/** What a parcel is planned under, so that a withdrawal can come first. */
export const planKey = (orderId: string): string => `plan:${orderId}`;

/** Plans the one parcel of a confirmed order, unless nothing in it has to be sent or it was withdrawn already. */
export async function planParcel(order: Payload<typeof orders.confirmed>, tx: Tx): Promise<void> {
  const { orderId, shippingAddress: address, shippingOptionId: optionId } = order;
  const lines = order.lines.filter((line) => line.requiresShipping).map(({ sku, quantity }) => ({ sku, quantity }));
  if (lines.length === 0) return;
  const plan = async () => {
    const parcelId = newId("pcl");
    const isNew = await store.insertParcel(tx, { id: parcelId, orderId, optionId, address, lines });
    if (isNew) await announce(tx, parcelPlanned, { orderId, parcelId, lines });
    return null;
  };
  await once(tx, planKey(orderId), plan, { cancelled: null });
}
