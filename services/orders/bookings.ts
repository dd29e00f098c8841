import type { Payload } from "../../lib/contract.ts";
import type { Tx } from "../../lib/database.ts";
import { formatMoney, type Money } from "../../lib/money.ts";
import type * as payments from "../payments/contract.ts";
import { countMoney, insertCapture, insertRefund, lockOrder, tell } from "./life-store.ts";
import type { Part } from "./model.ts";
import { findAsker } from "./move-store.ts";
import { refreshStatuses } from "./statuses.ts";

// Money is heard of twice: from the move that has asked for it, and from what payments announces. Each booking counts and is
// told once, by its id, whichever comes first. The order is locked by whoever calls.

interface Capture {
  readonly captureId: string;
  readonly amount: Money;
  readonly by?: string;
}

/** Notes that money of an order was taken. */
export async function noteCapture(tx: Tx, orderId: string, { captureId, amount, by }: Capture): Promise<void> {
  await insertCapture(tx, orderId, { id: captureId, amount: amount.amount });
  await countMoney(tx, orderId);
  await tell(tx, orderId, { what: "payment captured", detail: formatMoney(amount), key: `capture:${captureId}`, by });
}

interface Refund {
  readonly refundId: string;
  readonly amount: Money;
  readonly lines: readonly Part[];
  readonly reason: string;
  readonly by?: string;
}

/** Notes that money of an order was given back, and answers when. */
export async function noteRefund(tx: Tx, orderId: string, { refundId, amount, lines, reason, by }: Refund): Promise<string> {
  const at = await insertRefund(tx, orderId, { id: refundId, amount: amount.amount, lines, reason });
  await countMoney(tx, orderId);
  await tell(tx, orderId, { what: "refunded", detail: `${formatMoney(amount)}: ${reason}`, key: `refund:${refundId}`, by });
  return at;
}

type Captured = Payload<typeof payments.captured>;
type Refunded = Payload<typeof payments.refunded>;

/** Money was taken, perhaps without a move: at the confirmation, or at the provider's own desk. */
export async function onCaptured({ orderId, captureId, amount }: Captured, tx: Tx): Promise<void> {
  if (!(await lockOrder(tx, orderId))) return;
  await noteCapture(tx, orderId, { captureId, amount });
  await refreshStatuses(tx, orderId);
}

/** Money was given back. Where a move has asked for it, that move ends by itself and adds what it was for. */
export async function onRefunded({ orderId, refundId, amount }: Refunded, tx: Tx): Promise<void> {
  if (!(await lockOrder(tx, orderId))) return;
  const asked = (await findAsker(tx, refundId)) ?? { reason: "refunded at the payment provider" };
  await noteRefund(tx, orderId, { refundId, amount, lines: [], ...asked });
  await refreshStatuses(tx, orderId);
}
