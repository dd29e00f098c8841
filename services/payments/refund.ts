import type { Handler } from "../../lib/service.ts";
import type * as payments from "./contract.ts";
import { move } from "./movement.ts";
import type { Till } from "./till.ts";

export const refund =
  (till: Till): Handler<typeof payments.refund> =>
  async ({ orderId, refundId, amount, reason }) => {
    const verdict = await move(till, { id: refundId, orderId, kind: "refund", amount, why: reason });
    return verdict.outcome === "done" ? { outcome: "refunded" } : verdict;
  };
