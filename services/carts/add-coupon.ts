import type { Handler, Resources } from "../../lib/service.ts";
import { change, invalid } from "./change.ts";
import type * as carts from "./contract.ts";
import { MOST_COUPONS } from "./model.ts";
import * as store from "./store.ts";

type Refusal = carts.Cart["inapplicableCoupons"][number]["reason"];

const WHY: Record<Refusal, string> = {
  unknown: "there is no such coupon",
  not_started: "this coupon cannot be used yet",
  ended: "this coupon has ended",
  spent: "this coupon is used up",
  spent_by_customer: "this buyer has used this coupon up",
  below_minimum: "the items for which this coupon is do not cost enough",
  nothing_applies: "this coupon takes nothing off this cart",
};

/** Puts a coupon into the cart, unless it takes nothing off there. One that is in it already stays as it is. */
export const addCoupon =
  (r: Resources): Handler<typeof carts.addCoupon> =>
  ({ id, code }, ctx) =>
    change(r, ctx, id, (before) => {
      if (before.coupons.includes(code)) return undefined;
      if (before.coupons.length === MOST_COUPONS) throw invalid("code", `a cart holds at most ${MOST_COUPONS} coupons`);
      const coupons = [...before.coupons, code];
      return {
        after: { ...before, coupons },
        save(tx, answer) {
          const reason = answer.inapplicableCoupons.find((coupon) => coupon.code === code)?.reason;
          if (reason) throw invalid("code", WHY[reason], { code, reason });
          return store.setCoupons(tx, before, coupons);
        },
      };
    });
