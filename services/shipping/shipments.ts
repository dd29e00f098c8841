import type { Output } from "../../lib/contract.ts";
import type { Database } from "../../lib/database.ts";
import { undoOnce } from "../../lib/once.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import type * as shipping from "./contract.ts";
import { addedUp, obstacleTo } from "./model.ts";
import { planKey } from "./plan-parcel.ts";
import * as store from "./shipment-store.ts";

type Sent = Output<typeof shipping.createShipment>;

/** Sends lines of a parcel, once for each shipment's id. */
export const createShipment =
  ({ db }: Resources): Handler<typeof shipping.createShipment> =>
  ({ shipmentId: id, orderId, lines: given, carrier, trackingNumber }) =>
    db.transaction(async (tx): Promise<Sent> => {
      const parcel = await store.lockParcel(tx, orderId);
      if (!parcel) return { outcome: "unplanned" };
      const before = await store.findShipped(tx, id);
      if (before) return { outcome: "shipped", at: before };
      if (parcel.isWithdrawn) return { outcome: "refused", reason: "The parcel was withdrawn." };
      const lines = addedUp(given);
      const obstacle = obstacleTo(lines, await store.readLeft(tx, orderId));
      if (obstacle) return { outcome: "refused", reason: obstacle };
      return { outcome: "shipped", at: await store.insertShipment(tx, { id, orderId, lines, carrier, trackingNumber }) };
    });

class AlreadySent extends Error {}

/** Withdraws a parcel of which nothing was sent, planned or not; one that is planned later is refused. */
export const withdrawParcel =
  ({ db }: Resources): Handler<typeof shipping.withdrawParcel> =>
  async ({ orderId }) => {
    try {
      await withdraw(db, orderId);
      return { outcome: "withdrawn" };
    } catch (error) {
      if (error instanceof AlreadySent) return { outcome: "shipped" };
      throw error;
    }
  };

function withdraw(db: Database, orderId: string): Promise<void> {
  return db.transaction(async (tx) => {
    // Waits for a plan that is just being made; the tombstone that this leaves goes away with the transaction if it was sent.
    await undoOnce(tx, planKey(orderId), async () => {});
    const parcel = await store.lockParcel(tx, orderId);
    if (parcel?.isSent) throw new AlreadySent();
    if (parcel) await store.withdraw(tx, orderId);
  });
}

export const confirmDelivery =
  ({ db }: Resources): Handler<typeof shipping.confirmDelivery> =>
  async ({ orderId, shipmentId: id }) => {
    const at = await store.markDelivered(db.sql, { id, orderId });
    return at ? { outcome: "delivered", at } : { outcome: "unknown" };
  };
