import type { Tx } from "../database.ts";
import type { CommitStep, OutsideStep, SagaDefinition, StepContext } from "../saga.ts";
import { type At, caught, type End, failed, LOST, postpone, reached, type Run, save, told, turnBack } from "./progress.ts";
import type { Position } from "./store.ts";

/** Works on a leased saga until it is finished, put off, stuck, lost, or this node stops. Throws when the database fails. */
export async function runSaga(run: Run, from: Position & { isOverdue: boolean }): Promise<End> {
  let at: At = { ...from, stored: from, untold: [] };
  for (;;) {
    if (run.isLost) return LOST;
    if (run.kit.isStopping()) return stopped(run, at);
    const next = at.status === "running" ? await forward(run, at) : await backward(run, at);
    if ("hasEnded" in next) return next;
    at = next;
  }
}

async function stopped(run: Run, at: At): Promise<End> {
  const saved = await save(run, run.kit.db.sql, at, { release: true });
  return "hasEnded" in saved ? saved : { hasEnded: true };
}

async function forward(run: Run, at: At): Promise<At | End> {
  const step = run.definition.steps[at.step]!;
  if (at.isOverdue) return turnBack(run, { ...at, untold: told(at, step.name, "overdue") }, { code: "deadline_passed" });
  return "commit" in step ? commitStep(run, at, step) : outsideStep(run, at, step);
}

const contextOf = (run: Run, step: string, { attempt }: Position): StepContext => ({
  sagaId: run.lease.id,
  key: `${run.lease.id}:${step}`,
  attempt: attempt + 1,
  call: run.kit.call,
});

async function outsideStep(run: Run, at: At, step: OutsideStep<object>): Promise<At | End> {
  reached(run, `${step.name}.beforeRun`);
  const result = await caught(() => step.run(at.state, contextOf(run, step.name, at)));
  if ("thrown" in result) return failed(run, at, step.name, result.thrown);
  reached(run, `${step.name}.afterRun`);
  switch (result.kind) {
    case "done":
      return stepDone(run, at, step.name, result.state);
    case "abort":
      return turnBack(
        run,
        { ...at, step: at.step - 1, error: null, untold: told(at, step.name, "aborted", result.reason) },
        result.reason,
      );
    case "later":
      return postpone(
        run,
        { ...at, untold: told(at, step.name, "put_off", { why: result.why }) },
        { after: result.after, isLong: true },
      );
  }
}

async function stepDone(run: Run, at: At, name: string, patch: object | undefined): Promise<At | End> {
  const next = await caught(async () => past(run.definition, at, name, patch));
  if ("thrown" in next) return failed(run, at, name, next.thrown);
  const following = run.definition.steps[next.step];
  // Stored together with the commit that follows: one statement less, and a crash between them only runs this step again.
  if (following && "commit" in following) return next;
  const saved = await save(run, run.kit.db.sql, next);
  reached(run, `${name}.afterSave`);
  return saved;
}

/** Behind the step that is done. Throws when what it learnt does not fit the saga's state. */
const past = (definition: SagaDefinition, at: At, name: string, patch: object | undefined): At => ({
  ...at,
  status: at.step + 1 === definition.steps.length ? "completed" : "running",
  step: at.step + 1,
  state: definition.state.parse({ ...at.state, ...patch }),
  attempt: 0,
  putOff: false,
  error: null,
  untold: told(at, name, "done"),
});

const commitStep = (run: Run, at: At, step: CommitStep<object>): Promise<At | End> =>
  commitWith(run, at, step.name, async (tx) =>
    past(run.definition, at, step.name, (await step.commit(tx, at.state)) ?? undefined),
  );

/** Does `work` in one transaction with the progress that it makes. */
async function commitWith(run: Run, at: At, name: string, work: (tx: Tx) => Promise<At>): Promise<At | End> {
  reached(run, `${name}.beforeRun`);
  const result = await caught(() =>
    run.kit.db.transaction(async (tx) => {
      const next = await work(tx);
      reached(run, `${name}.afterRun`);
      const saved = await save(run, tx, next);
      if (saved === LOST) throw new Error("The lease was lost.");
      return saved;
    }),
  );
  if ("thrown" in result) return run.isLost ? LOST : failed(run, at, name, result.thrown);
  reached(run, `${name}.afterSave`);
  return result;
}

/** The last step up to `from` that has something to take back, as a pair of its place and itself. */
function lastUndo({ steps }: SagaDefinition, from: number) {
  const index = steps.slice(0, from + 1).findLastIndex((step) => "undo" in step && step.undo !== undefined);
  return index < 0 ? undefined : { index, step: steps[index] as OutsideStep<object> };
}

async function backward(run: Run, at: At): Promise<At | End> {
  const last = lastUndo(run.definition, at.step);
  if (!last) return finish(run, { ...at, step: -1 });
  const { index, step } = last;
  reached(run, `${step.name}.beforeUndo`);
  const result = await caught(async () => ({ done: await step.undo?.(at.state, contextOf(run, step.name, at)) }));
  if ("thrown" in result) return failed(run, { ...at, step: index }, step.name, result.thrown);
  reached(run, `${step.name}.afterUndo`);
  const next = { ...at, step: index - 1, attempt: 0, putOff: false, error: null, untold: told(at, step.name, "undone") };
  // The last undo is stored together with the end.
  if (!lastUndo(run.definition, next.step)) return next;
  const saved = await save(run, run.kit.db.sql, next);
  reached(run, `${step.name}.afterUndoSave`);
  return saved;
}

const finish = (run: Run, at: At): Promise<At | End> =>
  commitWith(run, at, "compensated", async (tx) => {
    await run.definition.compensated?.(tx, at.state, at.reason ?? {});
    return { ...at, status: "compensated", attempt: 0, putOff: false, error: null, untold: told(at, "compensated", "done") };
  });
