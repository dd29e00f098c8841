import type { Output } from "../../lib/contract.ts";
import type { Database, Tx } from "../../lib/database.ts";
import { inScope } from "../../lib/scope.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import { announceFlips, soldOut } from "./announce-flips.ts";
import type * as inventory from "./contract.ts";
import * as holds from "./hold-store.ts";
import { decide, type Decision, type Wish } from "./model.ts";
import { lockShelves } from "./store.ts";
import { together } from "./together.ts";

export interface ReserveRequest extends Wish {
  readonly requestId: string;
}

type Answer = Output<typeof inventory.reserve>;

const MOST_AT_ONCE = 100;

/** Orders of the same instant share one transaction. No request from outside comes here, so there is no key to commit with. */
export function reserve({ db, config }: Resources): Handler<typeof inventory.reserve> {
  const ask = together((requests: readonly ReserveRequest[]) => reserveAll(db, config.reservationTime, requests), MOST_AT_ONCE);
  return ({ orderId, lines }, { requestId }) => ask({ orderId, lines, requestId });
}

/** Holds stock for `time` milliseconds for each order that can be served in full. Answers in the order of the requests. */
export function reserveAll(db: Database, time: number, requests: readonly ReserveRequest[]): Promise<Answer[]> {
  const wishes = new Map(requests.map((request) => [request.orderId, request]));
  const orderIds = [...wishes.keys()];
  const skus = [...new Set(requests.flatMap(({ lines }) => lines.map(({ sku }) => sku)))];
  return db.transaction(async (tx) => {
    // Both are sent at once; the connection keeps their order.
    const [opened, shelves] = await Promise.all([holds.openHolds(tx, orderIds, time), lockShelves(tx, skus)]);
    const decisions = decide(
      shelves,
      orderIds.filter((id) => opened.has(id)).map((id) => wishes.get(id)!),
    );
    await save(tx, decisions, wishes);
    const answers = new Map(decisions.map((decision) => [decision.orderId, answerTo(decision, opened)]));
    const seenBefore = orderIds.filter((id) => !opened.has(id));
    if (seenBefore.length > 0)
      for (const hold of await holds.findHolds(tx, seenBefore)) answers.set(hold.orderId, asBefore(hold));
    return requests.map(({ orderId }) => answers.get(orderId)!);
  });
}

async function save(tx: Tx, decisions: readonly Decision[], wishes: ReadonlyMap<string, ReserveRequest>): Promise<void> {
  const served = decisions.filter((decision) => decision.outcome === "served");
  const short = decisions.filter((decision) => decision.outcome === "short");
  const reservations = served.flatMap(({ orderId, counted }) => counted.map((line) => ({ ...line, orderId })));
  if (reservations.length > 0) await holds.reserve(tx, reservations);
  if (short.length > 0) await holds.markShort(tx, short);
  for (const { orderId, soldOut: skus } of served) {
    const { requestId } = wishes.get(orderId)!;
    await inScope({ requestId }, () => announceFlips(tx, soldOut(skus)));
  }
}

const answerTo = (decision: Decision, opened: ReadonlyMap<string, string>): Answer =>
  decision.outcome === "short"
    ? { outcome: "short", missing: [...decision.missing] }
    : { outcome: "reserved", expiresAt: opened.get(decision.orderId)! };

function asBefore(hold: holds.Hold): Answer {
  switch (hold.status) {
    case "short":
      return { outcome: "short", missing: hold.missing };
    case "released":
      return { outcome: "released" };
    case "reserved":
    case "allocated":
    case "expired":
      return { outcome: "reserved", expiresAt: hold.expiresAt };
  }
}
