import type { Tx } from "../../lib/database.ts";
import { announce } from "../../lib/feed.ts";
import { saga, type Step } from "../../lib/saga.ts";
import type { Resources } from "../../lib/service.ts";
import type { AtConfirmation } from "./capture.ts";
import { quote, redeemCoupons } from "./checkout-prices.ts";
import { type CheckoutSaga, type CheckoutState, known, State } from "./checkout-state.ts";
import { allocate, authorize, freeze, reserve } from "./checkout-steps.ts";
import * as orders from "./contract.ts";
import * as customers from "./customer-store.ts";
import * as moves from "./move-store.ts";
import { isNoOrder, paymentStatusAfter, refusalOf } from "./refusal.ts";
import * as store from "./store.ts";

/** The checkout, from a cart to a confirmed order: nothing is confirmed before stock, coupons and money are the order's. */
export const checkoutSaga = (r: Resources, then: AtConfirmation): CheckoutSaga =>
  saga<CheckoutState>({
    name: "orders.checkout",
    version: 2,
    deadline: r.config.sagaDeadline,
    state: State,
    steps: stepsOf(r, then),
    compensated: cancel,
  });

export const stepsOf = (r: Resources, then: AtConfirmation): Step<CheckoutState>[] => [
  freeze,
  quote,
  reserve,
  redeemCoupons,
  authorize(r),
  allocate,
  {
    name: "confirm",
    async commit(tx, state) {
      await confirm(tx, state);
      await then(tx, state.orderId);
    },
  },
];

async function confirm(tx: Tx, state: CheckoutState): Promise<void> {
  const { orderId, cartId, cart, lines, totals, coupons } = known(state);
  const bought = lines.map(({ image: _image, ...line }) => line);
  const owner = state.customerId ?? cart.customerId ?? (await customers.findOwner(tx, cart.email));
  const confirmed = await store.confirmOrder(tx, orderId, { cart, lines: bought, totals, coupons, customerId: owner });
  if (!confirmed) throw new Error(`order ${orderId} is not pending`);
  const { email, shippingAddress, shippingOptionId } = cart;
  const about = { orderId, cartId, email, lines: bought, totals, coupons, shippingAddress, shippingOptionId };
  await announce(tx, orders.confirmed, { ...about, ...confirmed });
}

/** The last act of a checkout that was undone. */
export async function cancel(tx: Tx, { orderId, cartId }: CheckoutState, reason: object): Promise<void> {
  const why = refusalOf(reason);
  const asked = why.code === "timed_out" ? await moves.findOpenCancel(tx, orderId) : undefined;
  const refusal = asked ? cancelledByShop(asked) : why;
  if (isNoOrder(refusal)) return store.forgetOrder(tx, orderId);
  const told = asked ?? refusal.code;
  const paymentStatus = paymentStatusAfter(refusal);
  const number = await store.cancelPending(tx, orderId, { reason: refusal, why: told, paymentStatus });
  if (number) await announce(tx, orders.cancelled, { orderId, number, cartId, reason: told, confirmed: null });
}

const cancelledByShop = (why: string) => ({ code: "conflict", message: `The shop has cancelled this order: ${why}.` }) as const;
