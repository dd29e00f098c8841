import type { Tx } from "../../lib/database.ts";
import { announce } from "../../lib/feed.ts";
import * as carts from "./contract.ts";
import * as store from "./store.ts";

/** A cart became an order, whatever has happened to it meanwhile. */
export async function complete({ cartId, orderId }: store.Claim, tx: Tx): Promise<void> {
  if (await store.completeCart(tx, { cartId, orderId })) await announce(tx, carts.completed, { cartId, orderId });
}
