import type { Handler, Resources } from "../../lib/service.ts";
import * as shipping from "../shipping/contract.ts";
import { noCart } from "./change.ts";
import type * as carts from "./contract.ts";
import * as store from "./store.ts";

/** How a cart can be sent to its address. */
export const findShippingOptions =
  ({ db }: Resources): Handler<typeof carts.findShippingOptions> =>
  async ({ id }, { call }) => {
    const cart = await store.findCart(db.sql, id);
    if (!cart) throw noCart();
    if (!cart.shippingAddress) return { data: [] };
    const { options } = await call(shipping.findOptions, { country: cart.shippingAddress.country });
    return { data: options };
  };
