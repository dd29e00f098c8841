import { scratchDatabase, type ScratchDatabase } from "../../test/support/database.ts";
import { silent } from "../../test/support/logs.ts";
import { callOver, outside, State, TABLES } from "./saga.fixture.ts";
import { type SagaDefinition, type Sagas, type Step, saga } from "../saga.ts";
import { type SagaOptions, startSagas } from "./runner.ts";
import type { SagaTimings } from "./timings.ts";

type Node = Sagas & AsyncDisposable;

/** A service with sagas, and a far one that they call, each with a database of its own. */
export interface World extends AsyncDisposable {
  readonly db: ScratchDatabase;
  readonly far: ScratchDatabase;
  /** A node of the service that knows the given sagas. It is quick, so that tests are. */
  node(definitions: readonly SagaDefinition[], timings?: Partial<SagaTimings>, more?: Partial<SagaOptions>): Node;
  /** Starts a saga on a node; answers with its id. */
  start(node: Sagas, definition: SagaDefinition<State>, id?: string): Promise<string>;
  /** What happened in the far service for a saga: `step applied` or `step revoked`. */
  ledger(id: string): Promise<string[]>;
  /** What the saga's own commits wrote. */
  facts(id: string): Promise<string[]>;
}

let count = 0;

/** A name or id that no other test uses. */
export const fresh = (what: string): string => `shop.${what}${++count}`;

/** A saga under a name of its own, with a deadline of a minute. */
export const define = (steps: readonly Step<State>[], more: Partial<SagaDefinition<State>> = {}): SagaDefinition<State> =>
  saga<State>({ name: fresh("saga"), version: 1, deadline: 60_000, state: State, steps, ...more });

/** A step with an effect, whose undo or run is as given. */
export const like = (name: string, parts: Partial<ReturnType<typeof outside>>): Step<State> => ({ ...outside(name), ...parts });

const QUICK: Partial<SagaTimings> = { scan: 20, poll: 10, firstRetry: 10, longestRetry: 40 };

export async function sagaWorld(): Promise<World> {
  const [db, far] = await Promise.all([scratchDatabase("shop"), scratchDatabase("far")]);
  await Promise.all([db.sql.unsafe(TABLES), far.sql.unsafe(TABLES)]);
  return {
    db,
    far,
    node(definitions, timings, more) {
      const node = { db, service: "shop", definitions, call: callOver(far), log: silent, node: fresh("node") };
      const sagas = startSagas({ ...node, timings: { ...QUICK, ...timings }, ...more });
      return { ...sagas, [Symbol.asyncDispose]: () => sagas.stop() };
    },
    async start(node, definition, id = fresh("id")) {
      await db.transaction((tx) => node.start(tx, definition, { id, state: { sagaId: id, done: [] } }));
      return id;
    },
    async ledger(id) {
      const rows = await far.sql<{ line: string }[]>`
        select replace(key, ${`${id}:`}, '') || ' ' || what as line from ledger where starts_with(key, ${`${id}:`})`;
      return rows.map(({ line }) => line);
    },
    async facts(id) {
      const rows = await db.sql<{ what: string }[]>`select what from fact where saga_id = ${id}`;
      return rows.map(({ what }) => what);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([db[Symbol.asyncDispose](), far[Symbol.asyncDispose]()]);
    },
  };
}

/** The history in short: `step what`. */
export async function storyOf(node: Sagas, id: string): Promise<string[]> {
  const found = await node.get(id);
  return found?.history.map(({ step, what }) => (step ? `${step} ${what}` : what)) ?? [];
}

/** A gate that one side waits at until the other opens it. */
export function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
