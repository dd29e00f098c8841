import type { Output } from "../../lib/contract.ts";
import type { Database } from "../../lib/database.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import { announceFlips, soldOut } from "./announce-flips.ts";
import type * as inventory from "./contract.ts";
import * as holds from "./hold-store.ts";
import { decide } from "./model.ts";
import { lockShelves } from "./store.ts";

type Answer = Output<typeof inventory.allocate>;

export const allocate =
  ({ db }: Resources): Handler<typeof inventory.allocate> =>
  ({ orderId }) =>
    allocateOrder(db, orderId);

/** Takes what an order holds off the shelves, once. One statement, unless the reservation has expired. */
export async function allocateOrder(db: Database, orderId: string): Promise<Answer> {
  const hold = await holds.allocateLive(db.sql, orderId);
  switch (hold?.status) {
    case "reserved":
    case "allocated":
      return { outcome: "allocated" };
    case "short":
      return { outcome: "short", missing: hold.missing };
    case "expired":
      return takeAgain(db, orderId);
    case "released":
    case undefined:
      return { outcome: "released" };
  }
}

async function takeAgain(db: Database, orderId: string): Promise<Answer> {
  const answer = await db.transaction(async (tx): Promise<Answer | undefined> => {
    const lines = await holds.lockExpired(tx, orderId);
    if (!lines) return undefined;
    const shelves = await lockShelves(
      tx,
      lines.map(({ sku }) => sku),
    );
    const decision = decide(shelves, [{ orderId, lines }])[0]!;
    if (decision.outcome === "short") {
      await holds.markShort(tx, [decision]);
      return { outcome: "short", missing: [...decision.missing] };
    }
    await holds.allocateExpired(tx, orderId, decision.counted);
    await announceFlips(tx, soldOut(decision.soldOut));
    return { outcome: "allocated" };
  });
  // Somebody else was quicker and the hold is not expired any more; no way leads back to that.
  return answer ?? allocateOrder(db, orderId);
}
