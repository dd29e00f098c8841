import type { Handler, Resources } from "../../lib/service.ts";
import { noCart } from "./change.ts";
import type * as carts from "./contract.ts";
import { optionsFor } from "./options-for.ts";
import * as store from "./store.ts";

/** How a cart can be sent to its address. */
export const findShippingOptions =
  ({ db }: Resources): Handler<typeof carts.findShippingOptions> =>
  async ({ id }, ctx) => {
    const cart = await store.findCart(db.sql, id);
    if (!cart) throw noCart();
    if (!cart.shippingAddress) return { data: [] };
    return { data: await optionsFor(ctx, cart, cart.shippingAddress.country) };
  };
