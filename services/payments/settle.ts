import { release, settlePending } from "./authorize.ts";
import { continueGiveBack } from "./give-back.ts";
import { conclude } from "./movement.ts";
import * as movements from "./movement-store.ts";
import * as store from "./store.ts";
import type { Till } from "./till.ts";
import { voidPayment } from "./void-authorization.ts";

/** Asks the provider about everything of an order that is not decided, and writes down what it says. True when nothing is open any more. */
export async function settleOrder(till: Till, orderId: string): Promise<boolean> {
  await settlePayment(till, orderId);
  for (const movement of await openMovements(till, orderId)) await conclude(till, movement);
  return !(await movements.isOpen(till.db.sql, orderId));
}

async function settlePayment(till: Till, orderId: string): Promise<void> {
  const payment = await store.findPayment(till.db.sql, orderId);
  switch (payment?.status) {
    case "pending":
      return settlePending(till, orderId);
    case "failing":
      return void (await release(till, orderId));
    case "voiding": {
      const isGivenBack = await store.findGiveBack(till.db.sql, orderId);
      return void (await (isGivenBack ? continueGiveBack(till, orderId) : voidPayment(till, orderId)));
    }
    default:
  }
}

/** A payment that is given back settles its own: there, what the provider refuses stays open for an operator. */
async function openMovements(till: Till, orderId: string): Promise<movements.Movement[]> {
  const back = await store.findGiveBack(till.db.sql, orderId);
  const all = await movements.findMovements(till.db.sql, orderId);
  return all.filter(({ id, status }) => status === "pending" && id !== back?.refundId);
}
