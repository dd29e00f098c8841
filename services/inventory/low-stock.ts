import type { Database } from "../../lib/database.ts";
import { announce } from "../../lib/feed.ts";
import { filledUp, ranLow } from "./contract.ts";
import * as store from "./low-stock-store.ts";

const MOST_AT_ONCE = 500;

/**
 * Tells of SKUs that have come down to their threshold, once for each time, and when they are above it again. Done beside the sales and not with them, so that a
 * shelf that everybody wants is not held longer for it; `usual` is the threshold where a shelf has none of its own.
 */
export function tellLow(db: Database, usual: number): Promise<void> {
  return db.transaction(async (tx) => {
    for (const shelf of await store.unmarkFilled(tx, usual)) await announce(tx, filledUp, shelf);
    for (const shelf of await store.markLow(tx, usual, MOST_AT_ONCE)) await announce(tx, ranLow, shelf);
  });
}
