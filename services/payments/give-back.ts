import type { Output } from "../../lib/contract.ts";
import { failpoint } from "../../lib/failpoint.ts";
import { announce } from "../../lib/feed.ts";
import type { Handler } from "../../lib/service.ts";
import * as payments from "./contract.ts";
import { needsProvider } from "./model.ts";
import { conclude } from "./movement.ts";
import * as movements from "./movement-store.ts";
import type { Void } from "./provider.ts";
import * as store from "./store.ts";
import { ask, type Till } from "./till.ts";

type Answer = Output<typeof payments.giveBack>;
const UNKNOWN: Answer = { outcome: "unknown" };

export const giveBack =
  (till: Till): Handler<typeof payments.giveBack> =>
  ({ orderId, refundId, reason }) =>
    giveBackPayment(till, orderId, { refundId, reason });

/** Voids what is still authorized and refunds what was captured. May be called as often as one likes. */
export async function giveBackPayment(till: Till, orderId: string, back: store.GiveBack): Promise<Answer> {
  // The order is barred before the provider is asked, so that whatever is late or under way finds it so.
  await store.barForGood(till.db.sql, orderId, back, till.provider.name);
  failpoint("payments.giveBack.afterBar");
  return continueGiveBack(till, orderId);
}

/** Goes on with a payment that was barred for good. */
export async function continueGiveBack(till: Till, orderId: string): Promise<Answer> {
  const payment = await store.findPayment(till.db.sql, orderId);
  if (payment?.status !== "voiding") return givenBack(till, orderId);
  const answer = needsProvider(payment.amount) ? await close(till, orderId) : NOTHING_HELD;
  if (!answer) return UNKNOWN;
  if (!(await concludeAll(till, orderId))) return UNKNOWN;
  failpoint("payments.giveBack.afterConclude");
  if (!(await refundRest(till, orderId))) return UNKNOWN;
  await till.db.transaction(async (tx) => {
    const isFirst = await store.finishVoid(tx, orderId);
    if (isFirst && answer.released) await announce(tx, payments.voided, { orderId });
  });
  return givenBack(till, orderId);
}

const NOTHING_HELD: Void = { outcome: "voided", released: null };

/** After this nothing is authorized or captured at the provider any more, whatever is still on its way there. */
async function close(till: Till, orderId: string): Promise<Void | undefined> {
  const answer = await ask(till, (signal) => till.provider.voidAuthorization({ orderId }, signal));
  failpoint("payments.giveBack.afterClose");
  return answer.outcome === "voided" ? answer : undefined;
}

/** Every capture and refund that was under way comes to its end first, so that it is known how much there is to refund. */
async function concludeAll(till: Till, orderId: string): Promise<boolean> {
  const back = await store.findGiveBack(till.db.sql, orderId);
  for (const movement of await movements.findMovements(till.db.sql, orderId)) {
    const insists = movement.id === back?.refundId;
    if ((await conclude(till, movement, { insists })).outcome === "unknown") return false;
  }
  return true;
}

async function refundRest(till: Till, orderId: string): Promise<boolean> {
  const isNew = await till.db.transaction(async (tx) => {
    const back = await store.findGiveBack(tx, orderId);
    const amount = await movements.keepRest(tx, orderId);
    if (!back || !amount) return false;
    const asked = { id: back.refundId, orderId, kind: "refund" as const, amount, why: back.reason };
    if (await movements.noteMovement(tx, asked)) return true;
    throw new Error(`Refund ${back.refundId} cannot give ${orderId} back: it was used before.`);
  });
  failpoint("payments.giveBack.afterOpen");
  const back = await store.findGiveBack(till.db.sql, orderId);
  const rest = back && (await movements.findMovement(till.db.sql, back.refundId));
  return !rest || (await conclude(till, rest, { isNew, insists: true })).outcome === "done";
}

async function givenBack(till: Till, orderId: string): Promise<Answer> {
  const payment = await store.findPayment(till.db.sql, orderId);
  if (payment?.status === "voiding") return UNKNOWN;
  const back = await store.findGiveBack(till.db.sql, orderId);
  const rest = back && (await movements.findMovement(till.db.sql, back.refundId));
  return { outcome: "given_back", refunded: rest?.status === "done" ? rest.amount : null };
}
