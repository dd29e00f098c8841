import type { z } from "zod";
import type { Call } from "./contract.ts";
import type { Tx } from "./database.ts";
import type { JsonObject } from "./json.ts";
import type { SagaHistory, SagaView } from "./kernel-contract.ts";
import type { SagaQuery } from "./saga/desk-store.ts";
import { insertSaga, type SagaStatus } from "./saga/store.ts";

/** What a step knows besides the saga's state. */
export interface StepContext {
  readonly sagaId: string;
  /** `sagaId:step`: the idempotency key of everything that this step does outside, and of its undo. */
  readonly key: string;
  /** 1 for the first try. A try that ended with its process is not counted. */
  readonly attempt: number;
  readonly call: Call;
}

/** How a step ended; made by `done`, `abort` and `later`. */
export type StepResult<S extends object> =
  | { readonly kind: "done"; readonly state?: Partial<S> }
  | { readonly kind: "abort"; readonly reason: JsonObject }
  | { readonly kind: "later"; readonly after: number; readonly why: string };

/** The step has had its effect; what it learnt is merged into the saga's state. */
export const done = <S extends object>(state?: NoInfer<Partial<S>>): StepResult<S> => ({ kind: "done", ...(state && { state }) });

/** An expected refusal: this step had no effect, the steps before it are undone now. */
export const abort = (reason: JsonObject): { kind: "abort"; reason: JsonObject } => ({ kind: "abort", reason });

/** The step cannot say yet; it is run again, under the same key, in `after` milliseconds. */
export const later = (after: number, why: string): { kind: "later"; after: number; why: string } => ({
  kind: "later",
  after,
  why,
});

/**
 * A step whose effects are elsewhere. It may run many times, also after a crash in its middle: what it calls must be
 * idempotent under `step.key`. To throw means "not known whether it happened": it is tried again until the deadline.
 */
export interface OutsideStep<S extends object> {
  readonly name: string;
  run(state: S, step: StepContext): Promise<StepResult<S>>;
  /**
   * Takes the effect back, under the same key. It may run many times, and also when `run` never arrived or arrives later
   * (see `undoOnce`): the deadline undoes the step that was under way too. A step without an undo has nothing to take back.
   */
  undo?(state: S, step: StepContext): Promise<void>;
}

/** A step in the saga's own database: its effect commits together with the saga's progress, exactly once. */
export interface CommitStep<S extends object> {
  readonly name: string;
  commit(tx: Tx, state: S): Promise<Partial<S> | void>;
}

export type Step<S extends object> = OutsideStep<S> | CommitStep<S>;

/** Durable work over several services. A change to steps or state that old rows cannot follow needs a new version. */
export interface SagaDefinition<S extends object = object> {
  /** `<service>.<what>`, such as `orders.checkout`. */
  readonly name: string;
  readonly version: number;
  /** Milliseconds from the start; what is not completed by then is compensated. */
  readonly deadline: number;
  /** The shape of the state at every step: JSON, with what is learnt on the way optional. Never put secrets in. */
  readonly state: z.ZodType<S>;
  readonly steps: readonly Step<S>[];
  /** The last act of a compensation, in the same transaction as the status `compensated`. */
  compensated?(tx: Tx, state: S, reason: JsonObject): Promise<void>;
}

/** Declares a saga. Throws when two steps have one name, because then they would share an idempotency key. */
export function saga<S extends object>(definition: SagaDefinition<S>): SagaDefinition<S> {
  const names = new Set(definition.steps.map(({ name }) => name));
  if (names.size === 0 || names.size < definition.steps.length) {
    throw new Error(`Saga ${definition.name} needs steps, each with a name of its own.`);
  }
  return definition;
}

/**
 * Starts a saga with the transaction's commit; a node of the service finds it within half a second. `Sagas.start` does
 * the same and runs it at once. One statement. Throws a duplicate (`isDuplicate`) when there is a saga of this id.
 */
export async function startSaga<S extends object>(
  tx: Tx,
  definition: SagaDefinition<S>,
  { id, state }: { id: string; state: S },
): Promise<void> {
  await insertSaga(tx, definition, { id, state: definition.state.parse(state) });
}

/** How a saga stands. `pending`: still running when the time was over. `put_off`: a step has to wait, so nobody else should. */
export type SagaOutcome =
  | { readonly status: "completed" | "pending" | "put_off"; readonly state: object }
  | { readonly status: "compensated" | "stuck"; readonly state: object; readonly reason: JsonObject };

/** The answer to an operator's move. */
export type Moved = { outcome: "done" } | { outcome: "unknown" } | { outcome: "refused"; reason: string };

/** A service's sagas on this node. */
export interface Sagas {
  /** Starts a saga with the transaction's commit and runs it right after, on this node. One statement; see `startSaga`. */
  start<S extends object>(tx: Tx, definition: SagaDefinition<S>, saga: { id: string; state: S }): Promise<void>;
  /** Makes a saga that was put off run now: what it waits for has happened. */
  kick(id: string): Promise<void>;
  /** Waits at most `waitMs` for the end, whichever node runs the saga. Throws `not_found` for an unknown id. */
  outcome(id: string, waitMs: number): Promise<SagaOutcome>;
  /** Newest first. `nextCursor` is null at the end. */
  list(query: SagaQuery): Promise<{ sagas: SagaView[]; nextCursor: string | null }>;
  /** One saga with everything that happened to it, or null. */
  get(id: string): Promise<(SagaView & { state: object; history: z.output<typeof SagaHistory> }) | null>;
  /** How many sagas are under way or stuck, by status. */
  counts(): Promise<Partial<Record<SagaStatus, number>>>;
  /** An operator's moves, each with a line in the history. Stuck or put off: try again now, for as long as at first. */
  retry(id: string, by: string): Promise<Moved>;
  /** Running or stuck: undo what was done, the step under way included. */
  compensate(id: string, by: string): Promise<Moved>;
  /** Stuck: take the undo that fails as done, because somebody did it by hand. */
  skip(id: string, by: string): Promise<Moved>;
  /** Takes no new work, lets running steps finish for some seconds, and gives the leases back so that another node goes on at once. */
  stop(): Promise<void>;
}
