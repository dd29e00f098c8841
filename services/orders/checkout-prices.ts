import type { Output } from "../../lib/contract.ts";
import { done, type OutsideStep } from "../../lib/saga.ts";
import * as pricing from "../pricing/contract.ts";
import { type CheckoutState, known, refuse } from "./checkout-state.ts";
import { compare } from "./refusal.ts";

type Step = OutsideStep<CheckoutState>;
type Inapplicable = Extract<Output<typeof pricing.quote>, { outcome: "quoted" }>["inapplicable"];

const unavailable = (coupons: Inapplicable) =>
  refuse({ code: "coupon_unavailable", details: coupons.map(({ code, reason }) => ({ code, reason })) });

/** The server's prices, which have to be the ones that the buyer saw. */
export const quote: Step = {
  name: "quote",
  async run(state, { call }) {
    const { lines, shippingAddress, shippingOptionId, version, coupons, email } = known(state).cart;
    const wanted = lines.map(({ variantId, quantity }) => ({ variantId, quantity }));
    const basket = { lines: wanted, country: shippingAddress.country, shippingOptionId, coupons, buyer: email };
    const quoted = await call(pricing.quote, basket);
    if (quoted.outcome === "unshippable") {
      const details = [{ field: "shippingOptionId", message: "does not serve this country" }];
      return refuse({ code: "invalid", message: "The shipping option does not serve this country.", details });
    }
    if (quoted.outcome === "incomplete") {
      const details = quoted.unavailable.map((variantId) => ({ variantId, message: "is no longer sold" }));
      return refuse({ code: "cart_changed", message: "Something in the cart is no longer sold.", details });
    }
    if (quoted.inapplicable.length > 0) return unavailable(quoted.inapplicable);
    const difference = compare(state, lines, { total: quoted.totals.total, version, lines: quoted.lines });
    return difference ? refuse(difference) : done({ lines: quoted.lines, totals: quoted.totals, coupons: quoted.coupons });
  },
};

export const redeemCoupons: Step = {
  name: "redeemCoupons",
  async run(state, { call }) {
    const { orderId, cart } = known(state);
    if (cart.coupons.length === 0) return done();
    const redeemed = await call(pricing.redeemCoupons, { orderId, codes: cart.coupons, buyer: cart.email });
    switch (redeemed.outcome) {
      case "redeemed":
        return done();
      case "unavailable":
        return unavailable(redeemed.coupons);
      case "returned":
        return refuse({ code: "conflict" });
    }
  },
  async undo(state, { call }) {
    if (known(state).cart.coupons.length > 0) await call(pricing.returnCoupons, { orderId: state.orderId });
  },
};
