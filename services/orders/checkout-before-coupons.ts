import { z } from "zod";
import type { OutsideStep, Step } from "../../lib/saga.ts";
import type { Resources } from "../../lib/service.ts";
import { FrozenCart } from "../carts/contract.ts";
import { PricedLine, Totals } from "../pricing/contract.ts";
import type { AtConfirmation } from "./capture.ts";
import { cancel, stepsOf } from "./checkout-saga.ts";
import { type CheckoutSaga, type CheckoutState, refuse, State } from "./checkout-state.ts";

const none = (line: unknown) => {
  const { unitPrice } = PricedLine.pick({ unitPrice: true }).parse(line);
  const nothing = { amount: 0, currency: unitPrice.currency };
  return { discount: nothing, tax: nothing, includedTax: nothing };
};

const withTax = (totals: unknown) => {
  const { total } = Totals.pick({ total: true }).parse(totals);
  return { includedTax: { amount: 0, currency: total.currency }, ...Object(totals) };
};

/** A state as version 1 has left it: nothing of coupons in it, nor of the tax and owner that came with them. */
const OldState = State.extend({
  cart: FrozenCart.extend({
    lines: z.array(
      FrozenCart.shape.lines.element.extend({ shownPrice: FrozenCart.shape.lines.element.shape.shownPrice.default(null) }),
    ),
    coupons: FrozenCart.shape.coupons.default([]),
    customerId: FrozenCart.shape.customerId.default(null),
  }).optional(),
  lines: z.preprocess(
    (lines) => (Array.isArray(lines) ? lines.map((line) => ({ ...none(line), ...line })) : lines),
    State.shape.lines,
  ),
  totals: z.preprocess((totals) => totals && withTax(totals), State.shape.totals),
  coupons: State.shape.coupons.default([]),
});

function understanding(step: Step<CheckoutState>): Step<CheckoutState> {
  if ("commit" in step) return { ...step, commit: (tx, state) => step.commit(tx, OldState.parse(state)) };
  const undo = step.undo?.bind(step);
  return {
    name: step.name,
    run: (state, context) => step.run(OldState.parse(state), context),
    ...(undo && { undo: (state, context) => undo(OldState.parse(state), context) }),
  };
}

/** Version 1 redeems no coupons, so that a cart with coupons has to come again. */
const withoutCoupons = (freeze: OutsideStep<CheckoutState>): OutsideStep<CheckoutState> => ({
  ...freeze,
  async run(state, context) {
    const result = await freeze.run(state, context);
    if (result.kind !== "done" || !result.state?.cart?.coupons.length) return result;
    await freeze.undo?.(state, context);
    return refuse({ code: "cart_changed", message: "Coupons have come to the cart. Try once more." });
  },
});

/**
 * Version 1 of the checkout, for rows that a release before coupons has begun: without a definition nobody would ever
 * take them up again, and their stock and money would be held for good. Goes when no such release can run any more.
 */
export const checkoutSagaBeforeCoupons = (r: Resources, then: AtConfirmation): CheckoutSaga => ({
  name: "orders.checkout",
  version: 1,
  deadline: r.config.sagaDeadline,
  state: OldState,
  steps: stepsOf(r, then)
    .filter(({ name }) => name !== "redeemCoupons")
    .map((step) => (step.name === "freeze" && "run" in step ? withoutCoupons(step) : step))
    .map(understanding),
  compensated: (tx, state, reason) => cancel(tx, state, reason),
});
