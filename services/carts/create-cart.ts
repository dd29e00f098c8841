import { newId } from "../../lib/ids.ts";
import type { Ctx, Handler, Resources } from "../../lib/service.ts";
import type * as carts from "./contract.ts";
import { EMPTY, type StoredCart } from "./model.ts";
import { priced } from "./priced.ts";
import * as store from "./store.ts";

/** Opens an empty cart: the customer's own, if one is signed in who has none open. */
export const createCart =
  (r: Resources): Handler<typeof carts.createCart> =>
  async (_input, ctx) => {
    const empty = { ...EMPTY, id: newId("cart"), status: "open", version: 0, orderId: null, customerId: null } as const;
    const cart = await priced(r, ctx, empty);
    return ctx.commit(async (tx) => {
      const customerId = signedIn(ctx);
      if (customerId && (await store.insertCart(tx, { id: cart.id, customerId }))) return { ...cart, customerId };
      await store.insertCart(tx, { id: cart.id, customerId: null });
      return cart;
    });
  };

const signedIn = ({ caller }: Pick<Ctx, "caller">) =>
  caller.kind === "customer" ? (caller.id as NonNullable<StoredCart["customerId"]>) : null;
