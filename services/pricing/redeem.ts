import type { Handler } from "../../lib/service.ts";
import { once, undoOnce } from "../../lib/once.ts";
import type { Output } from "../../lib/contract.ts";
import { buyerOf } from "./buyer.ts";
import type * as pricing from "./contract.ts";
import * as store from "./coupon-store.ts";

type Redeemed = Output<typeof pricing.redeemCoupons>;

const key = (orderId: string) => `redeem:${orderId}`;

/**
 * Counts an order's coupons as used, all or none. Everybody who counts locks the coupons first, in the order of their codes, so
 * nobody waits in a circle and what is read under the locks is what is counted.
 */
export const redeemCoupons: Handler<typeof pricing.redeemCoupons> = async ({ orderId, codes, buyer }, ctx) =>
  ctx.commit((tx) =>
    once<Redeemed, Redeemed>(
      tx,
      key(orderId),
      async () => {
        const use = { orderId, codes: [...new Set(codes)], buyer: buyerOf(buyer) };
        await store.lockCoupons(tx, use.codes);
        const coupons = await store.findRefusals(tx, use);
        if (coupons.length > 0) return { outcome: "unavailable", coupons };
        await store.countUse(tx, use);
        return { outcome: "redeemed" };
      },
      { cancelled: { outcome: "returned" } },
    ),
  );

/** Gives back what the order has used, once; a redemption that arrives later finds it returned. */
export const returnCoupons: Handler<typeof pricing.returnCoupons> = async ({ orderId }, ctx) =>
  ctx.commit(async (tx) => {
    await undoOnce<Redeemed>(tx, key(orderId), async ({ outcome }) => {
      if (outcome !== "redeemed") return;
      await store.lockCouponsOf(tx, orderId);
      await store.returnUse(tx, orderId);
    });
    return {};
  });
