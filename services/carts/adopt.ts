import { isDuplicate, type Tx } from "../../lib/database.ts";
import type { Input, Output } from "../../lib/contract.ts";
import { fault } from "../../lib/fault.ts";
import { announce } from "../../lib/feed.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import * as carts from "./contract.ts";
import * as store from "./adoption-store.ts";
import { changesNothing, isAllowed, merge, type StoredCart } from "./model.ts";

type Wish = Input<typeof carts.adopt>;
type Adopted = Output<typeof carts.adopt>;

/**
 * Gives a customer one open cart. Items leave the guest's cart when they join the customer's, so the same wish again finds
 * nothing more to do.
 */
export const adopt =
  ({ db }: Resources): Handler<typeof carts.adopt> =>
  async (wish, ctx) => {
    do {
      try {
        return await db.transaction((tx) => adoptOnce(tx, wish));
      } catch (error) {
        // The customer got an open cart on another way just now: look again.
        if (!isDuplicate(error, "cart_of_customer")) throw error;
      }
    } while (ctx.remaining() > 0);
    throw fault("timed_out");
  };

async function adoptOnce(tx: Tx, { customerId, email, cartId }: Wish): Promise<Adopted> {
  const open = (await store.lockCarts(tx, { customerId, cartId: cartId ?? null })).filter((cart) => isAllowed("change", cart));
  const own = open.find((cart) => cart.customerId === customerId);
  const guest = open.find((cart) => cart.id === cartId && cart.customerId === null);
  if (!guest) return { cartId: own?.id ?? null };
  if (!own) {
    await store.giveCart(tx, guest.id, { customerId, email });
    return { cartId: guest.id };
  }
  await join(tx, { own, guest, email });
  return { cartId: own.id };
}

interface Pair {
  readonly own: StoredCart;
  readonly guest: StoredCart;
  readonly email: string;
}

async function join(tx: Tx, { own, guest, email }: Pair): Promise<void> {
  const merger = merge(own, guest, email);
  if (changesNothing(merger, own)) return;
  await store.mergeCarts(tx, { own: own.id, guest: guest.id }, merger);
  if (!own.isStarted && merger.put.length > 0) await announce(tx, carts.started, { cartId: own.id });
}
