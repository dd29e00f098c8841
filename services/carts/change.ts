import type { Tx } from "../../lib/database.ts";
import { fault } from "../../lib/fault.ts";
import type { Ctx, Resources } from "../../lib/service.ts";
import type { Cart } from "./contract.ts";
import { type Content, isAllowed, newlyShown, type StoredCart } from "./model.ts";
import { priced } from "./priced.ts";
import * as store from "./store.ts";

export interface Change {
  readonly after: Content;
  /** Writes the change to the cart that was read; false when that cart has changed since. */
  save(tx: Tx, answer: Cart): Promise<boolean>;
}

/** Milliseconds that one more try should have. */
const LEAST_TIME = 200;

/**
 * Changes a cart and answers it. Prices are asked for before the transaction, for the cart as it will be, so that a pricing
 * service that is down changes nothing and no lock is held across a call; when somebody else was faster, all over again.
 * Each round of parallel changes has a winner, so they all get through. Without a change to decide on it only answers the cart.
 */
export async function change(
  r: Resources,
  ctx: Ctx<Cart>,
  id: string,
  decide: (before: StoredCart) => Change | undefined | Promise<Change | undefined>,
): Promise<Cart> {
  do {
    const before = await openCart(r, id);
    const decided = await decide(before);
    if (!decided) return priced(r, ctx, before);
    const answer = await priced(r, ctx, { ...before, ...decided.after, version: before.version + 1 });
    if (await isSaved(ctx, answer, (tx) => save(tx, before, decided, answer))) return answer;
  } while (ctx.remaining() > LEAST_TIME);
  throw fault("timed_out", undefined, { retryAfter: 1 });
}

async function save(tx: Tx, before: StoredCart, decided: Change, answer: Cart): Promise<boolean> {
  if (!(await decided.save(tx, answer))) return false;
  const prices = newlyShown(before, answer);
  if (prices.length > 0) await store.noteShown(tx, before.id, prices);
  return true;
}

async function openCart({ db }: Resources, id: string): Promise<StoredCart> {
  const cart = await store.findCart(db.sql, id);
  if (!cart) throw noCart();
  if (!isAllowed("change", cart)) throw fault("cart_locked");
  return cart;
}

class Overtaken extends Error {}

async function isSaved(ctx: Ctx<Cart>, answer: Cart, write: (tx: Tx) => Promise<boolean>): Promise<boolean> {
  const work = async (tx: Tx) => {
    // Thrown, so that no answer is kept under the request's key.
    if (!(await write(tx))) throw new Overtaken();
    return answer;
  };
  return ctx.commit(work).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Overtaken) return false;
      throw error;
    },
  );
}

export const noCart = () => fault("not_found", "There is no such cart.");

export const noItem = () => fault("not_found", "There is no such item in the cart.");

export const invalid = (field: string, message: string, more: Record<string, string> = {}) =>
  fault("invalid", `The request is not what it should be. ${field}: ${message}.`, { details: [{ field, message, ...more }] });
