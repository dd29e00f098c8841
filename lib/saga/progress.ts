import type { Call } from "../contract.ts";
import type { Database, Sql, Tx } from "../database.ts";
import { failpoint } from "../failpoint.ts";
import type { JsonObject } from "../json.ts";
import { errorFields, type Log } from "../log.ts";
import type { SagaDefinition, SagaOutcome } from "../saga.ts";
import { type HistoryLine, type Lease, type Position, type Saving, type Stored, savePosition } from "./store.ts";
import { backoff, type SagaTimings } from "./timings.ts";

/** What the runs on this node share. */
export interface RunKit {
  readonly db: Database;
  readonly call: Call;
  readonly log: Log;
  readonly timings: SagaTimings;
  /** From 0 up to 1, for jitter. */
  readonly random: () => number;
  readonly isStopping: () => boolean;
}

/** A saga on this node's workbench. */
export interface Run {
  readonly kit: RunKit;
  readonly definition: SagaDefinition;
  readonly lease: Lease;
  /** When the lease was last made longer, by this process's monotonic clock. */
  leasedAt: number;
  /** The lease went to somebody else: nothing may be begun any more. */
  isLost: boolean;
}

/** Where a run is. It may be ahead of what is stored, by the `untold` lines of history. */
export interface At extends Position {
  readonly isOverdue: boolean;
  readonly stored: Stored;
  readonly untold: readonly HistoryLine[];
}

/** The run is over on this node. Without an outcome somebody goes on: this node in `again` milliseconds, or another one. */
export interface End {
  readonly hasEnded: true;
  readonly outcome?: SagaOutcome;
  readonly again?: number;
}

export const LOST: End = { hasEnded: true };

/** Names a border where a crash must do no harm: `saga.<name>.<point>`. */
export const reached = (run: Run, point: string): void => failpoint(`saga.${run.definition.name}.${point}`);

/** The history's lines that are not stored yet, and one more. */
export const told = (at: At, step: string, what: string, detail: JsonObject = {}): readonly HistoryLine[] => [
  ...at.untold,
  { step, what, detail },
];

/** Turns what `work` throws into a value: whatever it is, it decides the saga's next move. */
export async function caught<T extends object>(work: () => Promise<T>): Promise<T | { thrown: unknown }> {
  try {
    return await work();
  } catch (error) {
    return { thrown: error };
  }
}

/** How a stored saga stands for whoever waits for it. */
export function outcomeOf({ status, state, reason, putOff }: Position): SagaOutcome {
  switch (status) {
    case "completed":
      return { status, state };
    case "compensated":
    case "stuck":
      return { status, state, reason: reason ?? {} };
    case "running":
    case "compensating":
      return { status: putOff ? "put_off" : "pending", state };
  }
}

type Times = Pick<Saving, "after" | "deadline"> & { release?: boolean };

/** Stores where the run is. The lease is made longer, or given back when asked or when nothing is left to do. */
export async function save(run: Run, sql: Sql | Tx, at: At, { release = false, ...times }: Times = {}): Promise<At | End> {
  const isOver = at.status !== "running" && at.status !== "compensating";
  const lease = isOver || release ? 0 : run.kit.timings.lease;
  const saved = await savePosition(sql, run.lease, at.stored, at, { lines: at.untold, lease, ...times });
  if (!saved) {
    run.isLost = true;
    run.kit.log.info("A saga went on elsewhere; what this node knew of it is void", { saga: run.lease.id });
    return LOST;
  }
  run.leasedAt = performance.now();
  if (isOver) return { hasEnded: true, outcome: outcomeOf(at) };
  return { ...at, isOverdue: saved.isOverdue, stored: { status: at.status, step: at.step }, untold: [] };
}

/** From here on the saga is undone, beginning with the step that it is at. */
export async function turnBack(run: Run, at: At, reason: JsonObject): Promise<At | End> {
  const turned = { ...at, status: "compensating", reason, attempt: 0, putOff: false } as const;
  const saved = await save(run, run.kit.db.sql, turned, { deadline: run.kit.timings.undoFor });
  reached(run, "turned.afterSave");
  return saved;
}

interface Delay {
  /** Milliseconds. */
  readonly after: number;
  /** Whoever waits for the outcome need not wait for this. */
  readonly isLong: boolean;
}

/** Leaves the step for later and gives the lease back. */
export async function postpone(run: Run, at: At, { after, isLong }: Delay): Promise<End> {
  const next = { ...at, attempt: at.attempt + 1, putOff: at.putOff || isLong };
  const saved = await save(run, run.kit.db.sql, next, { after, release: true });
  if ("hasEnded" in saved) return saved;
  return { hasEnded: true, again: after, ...(next.putOff && { outcome: outcomeOf(next) }) };
}

/** A step or undo threw: nobody knows what it did. Tried again later, or left to an operator when that was tried too often. */
export async function failed(run: Run, at: At, step: string, thrown: unknown): Promise<At | End> {
  const { timings, random, log } = run.kit;
  const tries = at.attempt + 1;
  const error = (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 500);
  log.warn("A step of a saga failed", {
    saga: run.lease.id,
    name: run.definition.name,
    step,
    status: at.status,
    tries,
    ...errorFields(thrown),
  });
  const next = { ...at, error, untold: told(at, step, "failed", { tries, error }) };
  const isHopeless = at.status === "compensating" && (tries >= timings.undoTries || at.isOverdue);
  if (!isHopeless) return postpone(run, next, { after: backoff(tries, timings, random), isLong: tries >= 2 });
  log.error("A saga is stuck and waits for an operator", { saga: run.lease.id, name: run.definition.name, step });
  return save(run, run.kit.db.sql, { ...next, status: "stuck", attempt: tries, untold: told(next, step, "stuck") });
}
