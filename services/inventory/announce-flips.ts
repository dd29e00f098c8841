import type { Tx } from "../../lib/database.ts";
import { announce } from "../../lib/feed.ts";
import { availabilityChanged } from "./contract.ts";
import type { Flip } from "./store.ts";

/** Tells of each SKU that became available or sold out. Their shelves are locked, so the feed has them in the order in which they happened. */
export async function announceFlips(tx: Tx, flips: readonly Flip[]): Promise<void> {
  for (const flip of flips) await announce(tx, availabilityChanged, flip);
}

/** What becomes of SKUs that got units when they had none. */
export const available = (skus: readonly string[]): Flip[] => skus.map((sku) => ({ sku, isAvailable: true }));

/** What becomes of SKUs whose last unit was taken. */
export const soldOut = (skus: readonly string[]): Flip[] => skus.map((sku) => ({ sku, isAvailable: false }));
