import { randomBytes } from "node:crypto";
import { fault } from "../../lib/fault.ts";
import { newId } from "../../lib/ids.ts";
import type { IdempotencyKey } from "../../lib/idempotency.ts";
import type { Ctx, Handler, Resources } from "../../lib/service.ts";
import type { Input, Output } from "../../lib/contract.ts";
import type { CheckoutSaga } from "./checkout-state.ts";
import type * as orders from "./contract.ts";
import { orderNumber } from "./order-number.ts";
import { readOrder } from "./read-store.ts";
import { type Refusal, refusalOf } from "./refusal.ts";
import * as store from "./store.ts";
import type { Tokens } from "./token.ts";

type CheckoutInput = Input<typeof orders.checkout>;

interface Placed {
  readonly orderId: string;
  readonly isReplay: boolean;
}

/** Places the order, durably, then waits for the saga's outcome as long as the buyer may wait. */
export function checkout(r: Resources, saga: CheckoutSaga, tokens: Tokens): Handler<typeof orders.checkout> {
  return async (input, ctx) => {
    if (!ctx.idempotency) throw fault("idempotency_key_required");
    const { orderId, isReplay } = await place(r, saga, input, {
      key: ctx.idempotency,
      customerId: ctx.caller.kind === "customer" ? ctx.caller.id : null,
    });
    if (isReplay) ctx.respond({ headers: { "Idempotent-Replayed": "true" } });
    const wait = Math.min(r.config.checkoutWait, ctx.remaining() - 500);
    const outcome = await r.sagas.outcome(orderId, wait);
    return answer(r, tokens, orderId, "reason" in outcome ? outcome.reason : null, ctx);
  };
}

interface Buyer {
  readonly key: IdempotencyKey;
  /** Who is signed in. */
  readonly customerId: string | null;
}

const DRAWS = 5;

async function place(r: Resources, saga: CheckoutSaga, input: CheckoutInput, buyer: Buyer): Promise<Placed> {
  for (let draw = 1; ; draw++) {
    try {
      return await placeOnce(r, saga, input, buyer);
    } catch (error) {
      if (draw === DRAWS || !store.isNumberTaken(error)) throw error;
    }
  }
}

function placeOnce(r: Resources, saga: CheckoutSaga, input: CheckoutInput, buyer: Buyer): Promise<Placed> {
  const { id: cartId, payment, expectedTotal, version } = input;
  const { key, customerId } = buyer;
  return r.db.transaction(async (tx) => {
    const orderId = newId("ord");
    const taken = await store.takeKey(tx, key, orderId);
    if (taken.fingerprint !== key.fingerprint) throw fault("idempotency_key_reused");
    if (taken.orderId !== orderId) return { orderId: taken.orderId, isReplay: true };
    const order = { id: orderId, number: orderNumber(randomBytes(8)), cartId, payment, customerId };
    if (!(await store.insertOrder(tx, order))) {
      const joined = await store.joinOrder(tx, cartId, key);
      // Between the two statements the order that stood for the cart was cancelled: the cart is free, so ask again.
      if (!joined) throw fault("conflict", "This cart is just being opened again. Try once more.", { retryAfter: 1 });
      return { orderId: joined, isReplay: true };
    }
    const expected = { ...(expectedTotal && { expectedTotal }), ...(version !== undefined && { version }) };
    const state = { orderId, cartId, ...expected, ...(customerId && { customerId }) };
    await r.sagas.start(tx, saga, { id: orderId, state: saga.state.parse(state) });
    return { orderId, isReplay: false };
  });
}

type Answer = Output<typeof orders.checkout>;

async function answer(r: Resources, tokens: Tokens, id: string, reason: unknown, ctx: Ctx<Answer>): Promise<Answer> {
  const order = await readOrder(r.db.sql, id, "buyer");
  if (!order) throw refused(refusalOf(reason));
  // One that had been confirmed before it was cancelled did stand: its buyer sees how it is now.
  if (order.status === "cancelled" && order.reason !== null) throw refused(refusalOf(order.reason));
  if (order.status === "pending") ctx.respond({ status: 202 });
  return { ...order, token: tokens.of(order.id) };
}

const refused = ({ code, message, details }: Refusal) => fault(code, message, details && { details });
