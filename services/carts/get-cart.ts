import type { Handler, Resources } from "../../lib/service.ts";
import { noCart } from "./change.ts";
import type * as carts from "./contract.ts";
import { isAllowed, newlyShown } from "./model.ts";
import { priced } from "./priced.ts";
import * as store from "./store.ts";

/** A cart, priced now. What an open cart shows for the first time is noted as shown. */
export const getCart =
  (r: Resources): Handler<typeof carts.getCart> =>
  async ({ id }, ctx) => {
    const cart = await store.findCart(r.db.sql, id);
    if (!cart) throw noCart();
    const answer = await priced(r, ctx, cart);
    const prices = isAllowed("change", cart) ? newlyShown(cart, answer) : [];
    if (prices.length > 0) await store.noteShownNow(r.db.sql, cart, prices);
    return answer;
  };
