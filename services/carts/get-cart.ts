import type { Handler, Resources } from "../../lib/service.ts";
import { noCart } from "./change.ts";
import type * as carts from "./contract.ts";
import { priced } from "./priced.ts";
import * as store from "./store.ts";

/** A cart, priced now. */
export const getCart =
  (r: Resources): Handler<typeof carts.getCart> =>
  async ({ id }, ctx) => {
    const cart = await store.findCart(r.db.sql, id);
    if (!cart) throw noCart();
    return priced(r, ctx, cart);
  };
