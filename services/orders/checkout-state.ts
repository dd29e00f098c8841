import { z } from "zod";
import { Money } from "../../lib/money.ts";
import { abort, type SagaDefinition } from "../../lib/saga.ts";
import { CartId, FrozenCart } from "../carts/contract.ts";
import { AppliedCoupon, PricedLine, Totals } from "../pricing/contract.ts";
import { Order, OrderId } from "./contract.ts";
import type { Refusal } from "./refusal.ts";

export const State = z.object({
  orderId: OrderId,
  cartId: CartId,
  /** The customer who was signed in at the checkout. */
  customerId: Order.shape.customerId.unwrap().optional(),
  expectedTotal: Money.optional(),
  version: z.int().optional(),
  cart: FrozenCart.optional(),
  lines: z.array(PricedLine).optional(),
  totals: Totals.optional(),
  coupons: z.array(AppliedCoupon).optional(),
});
export type CheckoutState = z.output<typeof State>;
export type CheckoutSaga = SagaDefinition<CheckoutState>;

/** What earlier steps have learnt: it is there, or the saga would not be at this step. */
type Learnt = "cart" | "lines" | "totals" | "coupons";
type Known = CheckoutState & { readonly [field in Learnt]: NonNullable<CheckoutState[field]> };
export const known = (state: CheckoutState) => state as Known;

export const refuse = (refusal: Refusal) => abort(refusal);
