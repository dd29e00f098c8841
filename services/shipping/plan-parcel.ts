import type { Payload } from "../../lib/contract.ts";
import type { Tx } from "../../lib/database.ts";
import { announce } from "../../lib/feed.ts";
import { newId } from "../../lib/ids.ts";
import type * as orders from "../orders/contract.ts";
import { parcelPlanned } from "./contract.ts";
import * as store from "./store.ts";

/** Plans the one parcel of a confirmed order, unless nothing in it has to be sent. */
export async function planParcel(order: Payload<typeof orders.confirmed>, tx: Tx): Promise<void> {
  const { orderId, shippingAddress: address, shippingOptionId: optionId } = order;
  const lines = order.lines.filter((line) => line.requiresShipping).map(({ sku, quantity }) => ({ sku, quantity }));
  if (lines.length === 0) return;
  const parcelId = newId("pcl");
  const isNew = await store.insertParcel(tx, { id: parcelId, orderId, optionId, address, lines });
  if (isNew) await announce(tx, parcelPlanned, { orderId, parcelId, lines });
}
