import { z } from "zod";
import { backoff } from "../../lib/backoff.ts";
import type { Tx } from "../../lib/database.ts";
import { announce } from "../../lib/feed.ts";
import type { Payload } from "../../lib/contract.ts";
import { newId } from "../../lib/ids.ts";
import { Money } from "../../lib/money.ts";
import { once } from "../../lib/once.ts";
import { abort, done, later, type SagaDefinition, saga } from "../../lib/saga.ts";
import type { Resources } from "../../lib/service.ts";
import type * as orders from "../orders/contract.ts";
import * as payments from "./contract.ts";
import { claimOn } from "./model.ts";
import * as store from "./store.ts";
import { ask, type Till } from "./till.ts";

const State = z.object({ orderId: payments.authorize.input.shape.orderId, amount: Money });
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
    version: 1,
    deadline: DEADLINE,
    state: State,
    steps: [
      { name: "owe", run: async () => done(), undo: (state) => insist(till, state) },
      {
        name: "capture",
        async run(state, { attempt }) {
          const answer = await ask(till, (signal) => till.provider.capture(state, signal));
          if (answer.outcome === "captured") return done();
          if (answer.outcome === "voided") return abort({ code: "voided" });
          if (answer.outcome === "refused") return abort({ code: "refused", reason: answer.reason });
          return later(backoff(attempt, PAUSES), "The payment provider has not said that it captured.");
        },
      },
      { name: "record", commit: (tx, state) => recordCapture(tx, state) },
    ],
  });

async function recordCapture(tx: Tx, { orderId, amount }: State): Promise<void> {
  if (await store.finishCapture(tx, orderId)) await announce(tx, payments.captured, { orderId, amount });
}

/** A debt is not taken back: it is paid by now, or the shop itself has voided it. Else this throws, until an operator decides. */
async function insist(till: Till, state: State): Promise<void> {
  const answer = await ask(till, (signal) => till.provider.capture(state, signal));
  if (answer.outcome === "captured") return till.db.transaction((tx) => recordCapture(tx, state));
  const payment = await store.findPayment(till.db.sql, state.orderId);
  if (answer.outcome === "voided" && claimOn(payment).claim === "settled") return;
  throw new Error(`The payment of ${state.orderId} is not captured: ${reasonOf(answer)}.`);
}

const reasonOf = (answer: { outcome: string; reason?: string }): string => answer.reason ?? answer.outcome;

/** Begins the capture with the order's confirmation, if the shop captures then. */
export const captureConfirmed =
  ({ config, sagas, log }: Resources, definition: SagaDefinition<State>) =>
  async ({ orderId }: Payload<typeof orders.confirmed>, tx: Tx): Promise<void> => {
    if (config.capture !== "confirmation") return;
    const payment = await store.findPayment(tx, orderId);
    const claim = claimOn(payment);
    if (claim.claim === "unpaid")
      throw new Error(`Order ${orderId} is confirmed and its payment is ${payment?.status ?? "unknown"}.`);
    if (claim.claim === "settled")
      return log.warn("A confirmed order has nothing to capture", { orderId, status: payment?.status });
    await once(tx, `capture:${orderId}`, async () => {
      await sagas.start(tx, definition, { id: newId("saga"), state: { orderId, amount: claim.amount } });
      return null;
    });
  };
