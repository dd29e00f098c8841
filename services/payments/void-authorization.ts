import type { Output } from "../../lib/contract.ts";
import { failpoint } from "../../lib/failpoint.ts";
import { fault } from "../../lib/fault.ts";
import { announce } from "../../lib/feed.ts";
import type { Handler } from "../../lib/service.ts";
import * as payments from "./contract.ts";
import { needsProvider } from "./model.ts";
import * as store from "./store.ts";
import { ask, type Till } from "./till.ts";

export const voidAuthorization =
  (till: Till): Handler<typeof payments.voidAuthorization> =>
  ({ orderId }) =>
    voidPayment(till, orderId);

/** Gives back what is held for an order. Throws a conflict when it is captured. May be called as often as one likes. */
export async function voidPayment(till: Till, orderId: string): Promise<Output<typeof payments.voidAuthorization>> {
  // The order is barred before the provider is asked, so that an authorization that is late or under way finds it so.
  await store.barPayment(till.db.sql, orderId, till.provider.name);
  failpoint("payments.void.afterBar");
  const payment = await store.findPayment(till.db.sql, orderId);
  // Something of it is captured or on its way: else it would be barred now.
  if (payment?.status === "captured" || payment?.status === "authorized") throw captured(orderId);
  if (payment?.status !== "voiding") return { outcome: "voided" };
  const answer = needsProvider(payment.amount)
    ? await ask(till, (signal) => till.provider.voidAuthorization({ orderId }, signal))
    : { outcome: "voided" as const, released: null };
  failpoint("payments.void.afterProvider");
  if (answer.outcome !== "voided") return { outcome: "unknown" };
  await till.db.transaction(async (tx) => {
    const isFirst = await store.finishVoid(tx, orderId);
    if (isFirst && answer.released) await announce(tx, payments.voided, { orderId });
  });
  return { outcome: "voided" };
}

const captured = (orderId: string) =>
  fault("conflict", `The payment of ${orderId} is captured: it can be given back, not voided.`);
