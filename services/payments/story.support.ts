import type { Database } from "../../lib/database.ts";
import { idFor } from "../../lib/ids.ts";
import { money } from "../../lib/money.ts";
import { silent } from "../../test/support/logs.ts";
import { authorizePayment } from "./authorize.ts";
import { giveBackPayment } from "./give-back.ts";
import { move } from "./movement.ts";
import { sandbox } from "./sandbox/sandbox.ts";
import type { Till } from "./till.ts";
import { voidPayment } from "./void-authorization.ts";

/** A till on the sandbox, without a service around it. */
export const tillOn = (db: Database): Till => ({
  db,
  log: silent,
  provider: sandbox({ sql: db.sql, webhookKey: Buffer.alloc(32) }),
  patience: 5_000,
});

const euros = (amount: number) => money(amount, "EUR");

/** Everything that can be done to a payment, under ids that are always the same for an order. Answers what each came to. */
export async function tellStory(till: Till, orderId: string): Promise<string[]> {
  const pay = await authorizePayment(till, { orderId, amount: euros(4_200), token: "tok_ok" });
  const taken = await move(till, { id: idFor("cap", orderId), orderId, kind: "capture", amount: euros(3_000) });
  const given = await move(till, { id: idFor("rfd", orderId), orderId, kind: "refund", amount: euros(500) });
  const back = await giveBackPayment(till, orderId, { refundId: idFor("rfd", `back:${orderId}`), reason: "cancelled" });
  return [pay, taken, given, back].map(({ outcome }) => outcome);
}

/** A payment that is voided, and one that is given up because the provider fails. */
export async function tellShortStories(till: Till, orderId: string): Promise<string[]> {
  await authorizePayment(till, { orderId, amount: euros(4_200), token: "tok_ok" });
  const voided = await voidPayment(till, orderId);
  const other = idFor("ord", orderId);
  const failing = () => authorizePayment(till, { orderId: other, amount: euros(4_200), token: "tok_error" });
  const outcomes = [await failing(), await failing(), await failing(), await failing(), await failing()];
  return [voided.outcome, outcomes.at(-1)!.outcome];
}
