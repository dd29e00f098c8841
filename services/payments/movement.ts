import type { Tx } from "../../lib/database.ts";
import { failpoint } from "../../lib/failpoint.ts";
import { announce } from "../../lib/feed.ts";
import * as payments from "./contract.ts";
import { refusalOf, UNDECIDED } from "./model.ts";
import * as movements from "./movement-store.ts";
import type { Movement, NewMovement } from "./movement-store.ts";
import type { Booking, Capture, Failed, Refund } from "./provider.ts";
import * as store from "./store.ts";
import { ask, type Till, type Unknown } from "./till.ts";

/** What a capture or refund has come to. */
export type Verdict = { readonly outcome: "done" } | { readonly outcome: "refused"; readonly reason: string } | Unknown;

const UNKNOWN: Unknown = { outcome: "unknown" };

/** Keeps room for what is asked for, has the provider do it, and says what it came to. May be called as often as one likes. */
export async function move(till: Till, asked: NewMovement): Promise<Verdict> {
  const isNew = await till.db.transaction((tx) => open(tx, asked));
  failpoint(`payments.${asked.kind}.afterOpen`);
  const movement = await movements.findMovement(till.db.sql, asked.id);
  // Nothing is noted down of what may not be decided yet.
  return movement ? conclude(till, movement, { isNew }) : UNKNOWN;
}

/** True when this call has noted it down, so that nothing can have been sent before. */
async function open(tx: Tx, asked: NewMovement): Promise<boolean> {
  const account = await store.findAccount(tx, asked.orderId);
  if (refusalOf(asked.kind, account, asked.amount) === UNDECIDED) return false;
  if (!(await movements.noteMovement(tx, asked))) return false;
  while (!(await movements.keepRoom(tx, asked))) {
    const refusal = refusalOf(asked.kind, await store.findAccount(tx, asked.orderId), asked.amount);
    // None: another one has just let go of its room.
    if (refusal === undefined) continue;
    await movements.refuseNew(tx, asked.id, refusal);
    return false;
  }
  return true;
}

interface How {
  readonly isNew?: boolean;
  /** What the provider refuses stays open, for somebody to see to it. */
  readonly insists?: boolean;
}

/** Has a capture or refund for which there is room come to its end: asks the provider what it has booked, and only then sends it. */
export async function conclude(till: Till, movement: Movement, how: How = {}): Promise<Verdict> {
  if (movement.status === "done") return { outcome: "done" };
  if (movement.status === "refused") return { outcome: "refused", reason: movement.refusal! };
  if (!how.isNew) {
    const booking = await ask(till, (signal) => till.provider.find(movement.orderId, signal));
    if (booking.outcome === "unknown" || booking.outcome === "failed") return UNKNOWN;
    if (isBooked(booking, movement)) return finish(till, movement);
  }
  const answer = await send(till, movement);
  failpoint(`payments.${movement.kind}.afterProvider`);
  switch (answer.outcome) {
    case "captured":
    case "refunded":
      return finish(till, movement);
    case "failed":
    case "unknown":
      return UNKNOWN;
    case "voided":
      return refuse(till, movement, "voided", how);
    case "refused":
      return refuse(till, movement, answer.reason, how);
  }
}

function isBooked(booking: Booking, { id, kind }: Movement): boolean {
  if (!("captures" in booking)) return false;
  return (kind === "capture" ? booking.captures : booking.refunds).some((booked) => booked.id === id);
}

const send = (till: Till, { id, orderId, kind, amount }: Movement): Promise<Capture | Refund | Failed | Unknown> =>
  kind === "capture"
    ? ask<Capture | Failed>(till, (signal) => till.provider.capture({ orderId, captureId: id, amount }, signal))
    : ask<Refund | Failed>(till, (signal) => till.provider.refund({ orderId, refundId: id, amount }, signal));

async function finish(till: Till, movement: Movement): Promise<Verdict> {
  await till.db.transaction(async (tx) => {
    const total = await movements.finish(tx, movement);
    if (!total) return;
    const { id, orderId, amount } = movement;
    if (movement.kind === "capture") {
      await announce(tx, payments.captured, { orderId, captureId: id, amount, captured: total });
    } else {
      await announce(tx, payments.refunded, { orderId, refundId: id, amount, refunded: total });
    }
  });
  failpoint(`payments.${movement.kind}.afterFinish`);
  return verdictOn(till, movement);
}

async function refuse(till: Till, movement: Movement, reason: string, { insists }: How): Promise<Verdict> {
  till.log.warn(`The payment provider refuses a ${movement.kind}`, { orderId: movement.orderId, id: movement.id, reason });
  if (insists) return UNKNOWN;
  await till.db.transaction((tx) => movements.refuse(tx, movement, reason));
  return verdictOn(till, movement);
}

/** What is noted down now: somebody else may have been faster. */
async function verdictOn(till: Till, { id }: Movement): Promise<Verdict> {
  const movement = await movements.findMovement(till.db.sql, id);
  if (movement?.status === "done") return { outcome: "done" };
  return movement?.status === "refused" ? { outcome: "refused", reason: movement.refusal! } : UNKNOWN;
}
