import { done, later, type OutsideStep } from "../../lib/saga.ts";
import type { Resources } from "../../lib/service.ts";
import * as carts from "../carts/contract.ts";
import * as inventory from "../inventory/contract.ts";
import * as payments from "../payments/contract.ts";
import { type CheckoutState, known, refuse } from "./checkout-state.ts";
import * as store from "./store.ts";

type Step = OutsideStep<CheckoutState>;

export const freeze: Step = {
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

const short = (missing: inventory.Shortfall[]) => refuse({ code: "insufficient_stock", details: missing });

export const reserve: Step = {
  name: "reserve",
  async run(state, { call }) {
    const { orderId, cart } = known(state);
    const lines = cart.lines.map(({ variantId, sku, quantity }) => ({ variantId, sku, quantity }));
    const held = await call(inventory.reserve, { orderId, lines });
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

export const authorize = (r: Resources): Step => ({
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

export const allocate: Step = {
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
