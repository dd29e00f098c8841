import { on } from "../../lib/reactions.ts";
import { service } from "../../lib/service.ts";
import * as orders from "../orders/contract.ts";
import { addCoupon } from "./add-coupon.ts";
import { addItem } from "./add-item.ts";
import { adopt } from "./adopt.ts";
import { changeItem } from "./change-item.ts";
import { complete } from "./complete.ts";
import * as carts from "./contract.ts";
import { createCart } from "./create-cart.ts";
import { findShippingOptions } from "./find-shipping-options.ts";
import { freeze } from "./freeze.ts";
import { getCart } from "./get-cart.ts";
import { removeCoupon } from "./remove-coupon.ts";
import { removeItem } from "./remove-item.ts";
import * as store from "./store.ts";
import { updateCart } from "./update-cart.ts";

export default service("carts", carts, (r) => ({
  actions: {
    createCart: createCart(r),
    getCart: getCart(r),
    updateCart: updateCart(r),
    addItem: addItem(r),
    changeItem: changeItem(r),
    removeItem: removeItem(r),
    findShippingOptions: findShippingOptions(r),
    addCoupon: addCoupon(r),
    removeCoupon: removeCoupon(r),
    adopt: adopt(r),
    freeze: freeze(r),
    async reopen(claim, ctx) {
      return ctx.commit(async (tx) => {
        await store.unlockCart(tx, claim);
        return {};
      });
    },
  },
  reactions: [
    on(orders.confirmed, complete),
    // The undo of the checkout has done this already; this is for an order that comes to nothing by any other way.
    on(orders.cancelled, ({ cartId, orderId }, tx) => store.unlockCart(tx, { cartId, orderId })),
  ],
}));
