import { newId } from "../../lib/ids.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import type * as carts from "./contract.ts";
import { EMPTY } from "./model.ts";
import { priced } from "./priced.ts";
import * as store from "./store.ts";

/** Opens an empty cart. */
export const createCart =
  (r: Resources): Handler<typeof carts.createCart> =>
  async (_input, ctx) => {
    const cart = await priced(r, ctx, { ...EMPTY, id: newId("cart"), status: "open", version: 0 });
    return ctx.commit(async (tx) => {
      await store.insertCart(tx, cart.id);
      return cart;
    });
  };
