import { z } from "zod";
import type { Resources } from "../../lib/service.ts";
import { announce } from "../../lib/feed.ts";
import { Money } from "../../lib/money.ts";
import { abort, done, later, type OutsideStep, saga, type SagaDefinition } from "../../lib/saga.ts";
import * as carts from "../carts/contract.ts";
import * as inventory from "../inventory/contract.ts";
import * as payments from "../payments/contract.ts";
import * as pricing from "../pricing/contract.ts";
import * as orders from "./contract.ts";
import { compare, isNoOrder, paymentStatusAfter, type Refusal, refusalOf } from "./model.ts";
import * as store from "./store.ts";

const State = z.object({
  orderId: orders.OrderId,
  cartId: carts.CartId,
  expectedTotal: Money.optional(),
  version: z.int().optional(),
  cart: carts.FrozenCart.optional(),
  lines: z.array(pricing.PricedLine).optional(),
  totals: pricing.Totals.optional(),
});
export type CheckoutState = z.output<typeof State>;

/** What earlier steps have learnt: it is there, or the saga would not be at this step. */
type Learnt = "cart" | "lines" | "totals";
type Known = CheckoutState & { readonly [field in Learnt]: NonNullable<CheckoutState[field]> };
const known = (state: CheckoutState) => state as Known;

const refuse = (refusal: Refusal) => abort(refusal);

/** The checkout, from a cart to a confirmed order: nothing is confirmed before stock and money are the order's. */
export const checkoutSaga = (r: Resources): SagaDefinition<CheckoutState> =>
  saga<CheckoutState>({
    name: "orders.checkout",
    version: 1,
    deadline: r.config.sagaDeadline,
    state: State,
    steps: [
      freeze,
      quote,
      reserve,
      authorize(r),
      allocate,
      {
        name: "confirm",
        async commit(tx, state) {
          const { orderId, cartId, cart, lines, totals } = known(state);
          const bought = lines.map(({ image: _image, ...line }) => line);
          const number = await store.confirmOrder(tx, orderId, { cart, lines: bought, totals });
          if (!number) throw new Error(`order ${orderId} is not pending`);
          const { email, shippingAddress, shippingOptionId } = cart;
          const about = { orderId, number, cartId, email, lines: bought, totals, shippingAddress, shippingOptionId };
          await announce(tx, orders.confirmed, about);
        },
      },
    ],
    async compensated(tx, { orderId, cartId }, reason) {
      const refusal = refusalOf(reason);
      if (isNoOrder(refusal)) return store.forgetOrder(tx, orderId);
      const number = await store.cancelOrder(tx, orderId, { reason: refusal, paymentStatus: paymentStatusAfter(refusal) });
      if (number) await announce(tx, orders.cancelled, { orderId, number, cartId, reason: refusal.code });
    },
  });

const freeze: OutsideStep<CheckoutState> = {
  name: "freeze",
  async run({ cartId, orderId }, { call }) {
    const frozen = await call(carts.freeze, { cartId, orderId });
    switch (frozen.outcome) {
      case "frozen":
        return done({ cart: frozen.cart });
      case "unknown":
        return refuse({ code: "not_found", message: "There is no such cart." });
      case "unready":
        return refuse({
          code: "invalid",
          message: `The cart is not ready to be checked out: it lacks ${frozen.missing.join(", ")}.`,
          details: frozen.missing.map((field) => ({ field, message: "is missing" })),
        });
      case "taken":
      case "reopened":
        return refuse({ code: "conflict", message: "This cart was bought before." });
    }
  },
  async undo({ cartId, orderId }, { call }) {
    await call(carts.reopen, { cartId, orderId });
  },
};

const quote: OutsideStep<CheckoutState> = {
  name: "quote",
  async run(state, { call }) {
    const { lines, shippingAddress, shippingOptionId, version } = known(state).cart;
    const wanted = lines.map(({ variantId, quantity }) => ({ variantId, quantity }));
    const quoted = await call(pricing.quote, { lines: wanted, country: shippingAddress.country, shippingOptionId });
    if (quoted.outcome === "unshippable") {
      const details = [{ field: "shippingOptionId", message: "does not serve this country" }];
      return refuse({ code: "invalid", message: "The shipping option does not serve this country.", details });
    }
    if (quoted.outcome === "incomplete") {
      const details = quoted.unavailable.map((variantId) => ({ variantId, message: "is no longer sold" }));
      return refuse({ code: "cart_changed", message: "Something in the cart is no longer sold.", details });
    }
    const difference = compare(state, { total: quoted.totals.total, version });
    return difference ? refuse(difference) : done({ lines: quoted.lines, totals: quoted.totals });
  },
};

const short = (missing: inventory.Shortfall[]) => refuse({ code: "insufficient_stock", details: missing });

const reserve: OutsideStep<CheckoutState> = {
  name: "reserve",
  async run(state, { call }) {
    const { orderId, cart } = known(state);
    const held = await call(inventory.reserve, { orderId, lines: cart.lines });
    switch (held.outcome) {
      case "reserved":
        return done();
      case "short":
        return short(held.missing);
      case "released":
        return refuse({ code: "conflict" });
    }
  },
  async undo({ orderId }, { call }) {
    await call(inventory.release, { orderId });
  },
};

const FIRST_QUESTION = 5_000;
const LONGEST_PAUSE = 20_000;

const authorize = (r: Resources): OutsideStep<CheckoutState> => ({
  name: "authorize",
  async run(state, { call, attempt }) {
    const { orderId, totals } = known(state);
    const payment = payments.Method.parse(await store.readPayment(r.db.sql, orderId));
    const answer = await call(payments.authorize, { orderId, amount: totals.total, payment });
    switch (answer.outcome) {
      case "authorized":
        return done();
      case "declined":
        return refuse({ code: "payment_declined", details: [{ reason: answer.reason }] });
      case "failed":
        return refuse({
          code: "payment_declined",
          message: "The payment could not be processed. Nothing was charged.",
          details: [{ reason: answer.reason }],
        });
      case "voided":
        return refuse({ code: "conflict" });
      case "unknown":
        return later(Math.min(FIRST_QUESTION * 1.5 ** (attempt - 1), LONGEST_PAUSE), "the payment provider has not answered");
    }
  },
  async undo({ orderId }, { call }) {
    const { outcome } = await call(payments.voidAuthorization, { orderId });
    if (outcome === "unknown") throw new Error("the payment provider has not said what it holds");
  },
});

const allocate: OutsideStep<CheckoutState> = {
  name: "allocate",
  async run({ orderId }, { call }) {
    const given = await call(inventory.allocate, { orderId });
    switch (given.outcome) {
      case "allocated":
        return done();
      case "short":
        return short(given.missing);
      case "released":
        return refuse({ code: "conflict" });
    }
  },
  // What was allocated is given back by the undo of the reservation: `inventory.release` covers both.
};
