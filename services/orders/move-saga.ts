import { z } from "zod";
import type { Tx } from "../../lib/database.ts";
import { failpoint } from "../../lib/failpoint.ts";
import { type OutsideStep, saga, type SagaDefinition, type Step, type StepContext } from "../../lib/saga.ts";
import type { Resources } from "../../lib/service.ts";
import { OrderId } from "./contract.ts";
import { type Living, lockOrder, tell } from "./life-store.ts";
import { endMove, type MoveKind } from "./move-store.ts";
import { refreshStatuses } from "./statuses.ts";

/** What every move's saga knows. The move's id is the saga's, too. */
export const MoveState = z.object({ moveId: z.string(), orderId: OrderId, by: z.string() });
export type MoveState = z.output<typeof MoveState>;

interface MoveShape<S extends MoveState> {
  readonly kind: MoveKind;
  readonly state: z.ZodType<S>;
  /** The first one may refuse the move by an abort; from then on the move goes forward only. */
  readonly steps: readonly [OutsideStep<S>, ...Step<S>[]];
  /** What the move has come to, in the transaction that ends it. */
  record(tx: Tx, state: S, at: Living): Promise<void>;
}

// As long as card networks keep an authorization; nobody waits for it, and what is late by then needs a person.
const DEADLINE = 7 * 24 * 3_600_000;

/**
 * A move of the administration, as a saga that goes forward only: goods that were sent and money that was paid back do not
 * come back by being undone. What is overdue or given up by an operator is therefore asked for once more, under the same
 * keys, and either ends as it should or waits, stuck, for somebody who knows more.
 */
export function moveSaga<S extends MoveState>(r: Resources, { kind, state, steps, record }: MoveShape<S>): SagaDefinition<S> {
  const [first, ...others] = steps;
  const end = { name: "record", commit: (tx: Tx, at: S) => recordOnce(tx, at, record) };
  const insisting: OutsideStep<S> = { ...first, undo: (at, context) => goOn(r, [first, ...others, end], at, context) };
  return saga<S>({
    name: `orders.${kind}`,
    version: 1,
    deadline: DEADLINE,
    state,
    steps: [insisting, ...others, end],
    compensated: (tx, at, reason) => refuse(tx, kind, at, "why" in reason ? String(reason.why) : "given up by an operator"),
  });
}

async function recordOnce<S extends MoveState>(tx: Tx, state: S, record: MoveShape<S>["record"]): Promise<void> {
  const living = await lockOrder(tx, state.orderId);
  if (!living || !(await endMove(tx, state.moveId))) return;
  await record(tx, state, living);
  await refreshStatuses(tx, state.orderId);
}

async function refuse(tx: Tx, kind: MoveKind, { moveId, orderId, by }: MoveState, why: string): Promise<void> {
  if (await endMove(tx, moveId, why)) await tell(tx, orderId, { what: `${kind} refused`, detail: why, by });
}

/** Goes through all steps again, each under its own key. Returns when they are done or the first one refuses; else throws. */
async function goOn<S extends MoveState>(r: Resources, steps: readonly Step<S>[], from: S, context: StepContext): Promise<void> {
  let at = from;
  for (const step of steps) {
    failpoint(`orders.insist.${step.name}`);
    if ("commit" in step) {
      const learnt = await r.db.transaction((tx) => step.commit(tx, at));
      at = { ...at, ...learnt };
      continue;
    }
    const result = await step.run(at, context);
    if (result.kind === "abort" && step === steps[0]) return;
    if (result.kind === "abort") throw new Error(`${step.name}: ${JSON.stringify(result.reason)}`);
    if (result.kind === "later") throw new Error(`${step.name}: ${result.why}`);
    at = { ...at, ...result.state };
  }
}
