import type { Call } from "../contract.ts";
import { setTimeout as sleep } from "node:timers/promises";
import { afterCommit, type Database, type Tx } from "../database.ts";
import { failpoint } from "../failpoint.ts";
import { fault } from "../fault.ts";
import { errorFields, type Log } from "../log.ts";
import type { SagaDefinition, SagaOutcome, Sagas } from "../saga.ts";
import { sagaDesk } from "./desk.ts";
import { readSaga } from "./desk-store.ts";
import { type End, outcomeOf, type Run, type RunKit } from "./progress.ts";
import { runSaga } from "./run.ts";
import { insertSaga, type Lease, leaseDue, type Position, renewLeases } from "./store.ts";
import { SAGA_TIMINGS, type SagaTimings, within } from "./timings.ts";
import { inScope } from "../scope.ts";

/** What a service's sagas need. */
export interface SagaOptions {
  readonly db: Database;
  readonly service: string;
  readonly definitions: readonly SagaDefinition[];
  readonly call: Call;
  readonly log: Log;
  /** The id of this node's present life. */
  readonly node: string;
  readonly timings?: Partial<SagaTimings>;
  /** From 0 up to 1, for jitter. */
  readonly random?: () => number;
}

/** Has this node work on a service's sagas: those it starts and, twice a second, those that are due and that nobody works on. */
export function startSagas({ timings, random = Math.random, ...options }: SagaOptions): Sagas {
  const runner = new Runner({ ...options, timings: { ...SAGA_TIMINGS, ...timings }, random });
  const { db, service, definitions } = options;
  const desk = sagaDesk({ db, service, definitions, undoFor: runner.timings.undoFor, look: () => runner.lookWithin(0) });
  return {
    ...desk,
    start: (tx, definition, saga) => runner.start(tx, definition, saga),
    outcome: (id, waitMs) => runner.outcome(id, waitMs),
    stop: () => runner.stop(),
  };
}

type Settled = Position & { isOverdue: boolean };

interface Active {
  readonly run: Run;
  readonly end: Promise<End>;
  /** The step was put off before, so that nobody should wait for this try of it. */
  readonly wasPutOff: boolean;
}

class Runner {
  readonly timings: SagaTimings;
  readonly #options: Required<SagaOptions>;
  readonly #kit: RunKit;
  readonly #active = new Map<string, Active>();
  readonly #renewal: NodeJS.Timeout;
  #picked = 0;
  #isFull = false;
  #isBlind = false;
  #isStopping = false;
  #looking: Promise<void> = Promise.resolve();
  #renewing: Promise<void> | undefined;
  #next: { readonly at: number; readonly timer: NodeJS.Timeout } | undefined;

  constructor(options: Required<SagaOptions> & { timings: SagaTimings }) {
    const { db, call, log, timings, random } = options;
    this.timings = timings;
    this.#options = options;
    this.#kit = { db, call, log, timings, random, isStopping: () => this.#isStopping };
    this.#renewal = setInterval(() => this.#beat(), timings.renew);
    if (options.definitions.length > 0) this.lookWithin(0);
  }

  async start<S extends object>(tx: Tx, definition: SagaDefinition<S>, { id, state }: { id: string; state: S }): Promise<void> {
    const known = this.#definition(definition);
    if (!known) throw new Error(`${definition.name} version ${definition.version} is not among the sagas of this service.`);
    const parsed = definition.state.parse(state);
    await insertSaga(tx, definition, { id, state: parsed, holder: { node: this.#options.node, lease: this.timings.lease } });
    const from = {
      status: "running",
      step: 0,
      state: parsed,
      reason: null,
      attempt: 0,
      putOff: false,
      error: null,
      isOverdue: false,
    } as const;
    afterCommit(tx, () => {
      failpoint(`saga.${definition.name}.afterStart`);
      void this.#work(known, { id, token: 1 }, from);
    });
  }

  async outcome(id: string, waitMs: number): Promise<SagaOutcome> {
    const until = performance.now() + waitMs;
    for (;;) {
      const active = this.#active.get(id);
      const end = active && !active.wasPutOff ? await within(active.end, until - performance.now()) : undefined;
      if (end?.outcome) return end.outcome;
      const row = await readSaga(this.#options.db.sql, id);
      if (!row) throw fault("not_found", "There is no such saga.");
      const outcome = outcomeOf(row);
      const left = until - performance.now();
      if (outcome.status !== "pending" || left <= 0) return outcome;
      await sleep(Math.min(this.timings.poll, left));
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#next?.timer);
    const idle = this.#looking.then(() => Promise.all([...this.#active.values()].map(({ end }) => end)));
    await within(idle, this.timings.stopWithin);
    clearInterval(this.#renewal);
    await this.#renewing;
  }

  /** Looks for due sagas in at most `ms`. */
  lookWithin(ms: number): void {
    const at = performance.now() + ms;
    if (this.#isStopping || (this.#next && this.#next.at <= at)) return;
    clearTimeout(this.#next?.timer);
    const timer = setTimeout(() => {
      this.#next = undefined;
      this.#looking = this.#looking.then(() => this.#look());
    }, ms);
    this.#next = { at, timer };
  }

  async #look(): Promise<void> {
    const { db, node, definitions, log, random } = this.#options;
    const limit = this.timings.atOnce - this.#picked;
    try {
      const due = limit > 0 ? await leaseDue(db.sql, { node, lease: this.timings.lease, known: definitions, limit }) : [];
      for (const { id, token, name, version, ...from } of due) {
        void this.#pick(this.#definition({ name, version })!, { id, token }, from);
      }
      this.#isFull = due.length === limit;
      this.#isBlind = false;
    } catch (error) {
      // Once per outage, not twice a second.
      if (!this.#isBlind) log.warn("Cannot look for sagas that are due", errorFields(error));
      this.#isBlind = true;
    }
    this.lookWithin(this.timings.scan * (0.8 + 0.4 * random()));
  }

  async #pick(definition: SagaDefinition, lease: Lease, from: Settled): Promise<void> {
    this.#picked++;
    await this.#work(definition, lease, from);
    this.#picked--;
    if (this.#isFull) this.lookWithin(0);
  }

  async #work(definition: SagaDefinition, lease: Lease, from: Settled): Promise<void> {
    const run: Run = { kit: this.#kit, definition, lease, leasedAt: performance.now(), isLost: false };
    const end = inScope({ requestId: lease.id }, () => runSaga(run, from)).catch((error: unknown) => this.#broken(run, error));
    const active = { run, end, wasPutOff: from.putOff };
    this.#active.set(lease.id, active);
    const { again } = await end;
    if (this.#active.get(lease.id) === active) this.#active.delete(lease.id);
    if (again !== undefined) this.lookWithin(again);
  }

  /** Whether the last progress was stored is not known: when the lease is over, somebody reads the truth and goes on. */
  #broken(run: Run, error: unknown): End {
    this.#kit.log.error("A saga's progress could not be stored", { saga: run.lease.id, ...errorFields(error) });
    return { hasEnded: true };
  }

  async #renew(): Promise<void> {
    const now = performance.now();
    const old = [...this.#active.values()].map(({ run }) => run).filter((run) => now - run.leasedAt >= this.timings.renew / 2);
    if (old.length === 0) return;
    const leases = old.map(({ lease }) => lease);
    const held = await renewLeases(this.#options.db.sql, leases, this.timings.lease);
    for (const run of old) {
      if (held.has(run.lease.id)) run.leasedAt = now;
      else run.isLost = true;
    }
  }

  /** A renewal that failed is tried again with the next beat; when all fail, the fencing token keeps us from doing harm. */
  #beat(): void {
    this.#renewing ??= this.#renew()
      .catch((error: unknown) => this.#kit.log.warn("Cannot renew the leases of sagas", errorFields(error)))
      .finally(() => (this.#renewing = undefined));
  }

  #definition({ name, version }: Pick<SagaDefinition, "name" | "version">): SagaDefinition | undefined {
    return this.#options.definitions.find((known) => known.name === name && known.version === version);
  }
}
