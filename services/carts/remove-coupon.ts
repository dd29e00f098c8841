import { fault } from "../../lib/fault.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import { change } from "./change.ts";
import type * as carts from "./contract.ts";
import * as store from "./store.ts";

/** Takes a coupon out. */
export const removeCoupon =
  (r: Resources): Handler<typeof carts.removeCoupon> =>
  ({ id, code }, ctx) =>
    change(r, ctx, id, (before) => {
      if (!before.coupons.includes(code)) throw fault("not_found", "There is no such coupon in the cart.");
      const coupons = before.coupons.filter((one) => one !== code);
      return { after: { ...before, coupons }, save: (tx) => store.setCoupons(tx, before, coupons) };
    });
