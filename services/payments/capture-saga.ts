import { z } from "zod";
import { backoff } from "../../lib/backoff.ts";
import type { Tx } from "../../lib/database.ts";
import type { Payload } from "../../lib/contract.ts";
import { idFor, newId } from "../../lib/ids.ts";
import { once } from "../../lib/once.ts";
import { abort, done, later, type SagaDefinition, saga } from "../../lib/saga.ts";
import type { Resources } from "../../lib/service.ts";
import type * as orders from "../orders/contract.ts";
import { authorize, CaptureId } from "./contract.ts";
import { claimOn, inCurrencyOf, roomFor } from "./model.ts";
import { conclude, move, type Verdict } from "./movement.ts";
import * as movements from "./movement-store.ts";
import * as store from "./store.ts";
import type { Till } from "./till.ts";

const State = z.object({ orderId: authorize.input.shape.orderId, captureId: CaptureId });
type State = z.output<typeof State>;

// Card networks keep an authorization for about a week.
const DEADLINE = 7 * 24 * 3_600_000;
const PAUSES = { first: 500, longest: 300_000 };

/**
 * Takes the money of a confirmed order. To give that up is never the machine's decision: what the provider refuses, or does
 * not answer until the deadline, becomes a stuck saga, and an operator's retry asks the provider again.
 */
export const captureSaga = (till: Till): SagaDefinition<State> =>
  saga<State>({
    name: "payments.capture",
    version: 2,
    deadline: DEADLINE,
    state: State,
    steps: [
      { name: "owe", run: async () => done(), undo: (state) => insist(till, state) },
      {
        name: "capture",
        async run(state, { attempt }) {
          const verdict = await captureRest(till, state);
          switch (verdict.outcome) {
            case "done":
              return done();
            case "refused":
              return abort({ code: "refused", reason: verdict.reason });
            case "unknown":
              return later(backoff(attempt, PAUSES), "The payment provider has not said that it captured.");
          }
        },
      },
    ],
  });

/** Takes what is left of the authorization. Done, too, when somebody else has taken it or the payment was given back. */
async function captureRest(till: Till, state: State): Promise<Verdict> {
  const verdict = await tryCapture(till, state);
  if (verdict.outcome !== "refused") return verdict;
  return claimOn(await store.findAccount(till.db.sql, state.orderId)) === "settled" ? { outcome: "done" } : verdict;
}

async function tryCapture(till: Till, { orderId, captureId }: State): Promise<Verdict> {
  const begun = await movements.findMovement(till.db.sql, captureId);
  if (begun) return conclude(till, begun);
  const account = await store.findAccount(till.db.sql, orderId);
  if (!account || claimOn(account) !== "capture") return { outcome: "refused", reason: "nothing_authorized" };
  return move(till, { id: captureId, orderId, kind: "capture", amount: inCurrencyOf(account, roomFor("capture", account)) });
}

/** A debt is not taken back: it is paid by now, or the shop itself has given it back. Else this throws, until an operator decides. */
async function insist(till: Till, state: State): Promise<void> {
  await till.db.transaction(async (tx) => {
    const account = await store.findAccount(tx, state.orderId);
    if (!account || claimOn(account) !== "capture") return;
    const amount = inCurrencyOf(account, roomFor("capture", account));
    if (!(await movements.reopen(tx, state.captureId, amount))) return;
    if (await movements.keepRoom(tx, { orderId: state.orderId, kind: "capture", amount })) return;
    throw new Error(`What is left of the payment of ${state.orderId} has just changed.`);
  });
  const verdict = await captureRest(till, state);
  if (verdict.outcome === "done") return;
  throw new Error(
    `The payment of ${state.orderId} is not captured: ${verdict.outcome === "refused" ? verdict.reason : "unknown"}.`,
  );
}

/** Begins the capture with the order's confirmation, if the shop captures then. */
export const captureConfirmed =
  ({ config, sagas, log }: Resources, definition: SagaDefinition<State>) =>
  async ({ orderId }: Payload<typeof orders.confirmed>, tx: Tx): Promise<void> => {
    if (config.capture !== "confirmation") return;
    const account = await store.findAccount(tx, orderId);
    const claim = claimOn(account);
    if (claim === "unpaid") throw new Error(`Order ${orderId} is confirmed and its payment is ${account?.status ?? "unknown"}.`);
    if (claim === "settled") return log.info("A confirmed order has nothing to capture", { orderId, status: account?.status });
    await once(tx, `capture:${orderId}`, async () => {
      await sagas.start(tx, definition, { id: newId("saga"), state: { orderId, captureId: idFor("cap", orderId) } });
      return null;
    });
  };
