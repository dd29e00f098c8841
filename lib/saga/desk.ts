import type { Database } from "../database.ts";
import type { SagaView } from "../kernel-contract.ts";
import type { Moved, SagaDefinition, Sagas } from "../saga.ts";
import { countSagas, hasten, listSagas, type Move, moveSaga, readHistory, readSaga, type SagaRow } from "./desk-store.ts";

interface Desk {
  readonly db: Database;
  readonly service: string;
  readonly definitions: readonly SagaDefinition[];
  readonly undoFor: number;
  /** Has this node look for due sagas at once. */
  readonly look: () => void;
}

/** What operators see of a service's sagas, and their moves. */
export function sagaDesk(desk: Desk): Pick<Sagas, "kick" | "list" | "get" | "counts" | Move> {
  const { sql } = desk.db;
  return {
    async kick(id) {
      await hasten(sql, id);
      desk.look();
    },
    async list(query) {
      const rows = await listSagas(sql, query);
      const nextCursor = rows.length === query.limit ? rows.at(-1)!.id : null;
      return { sagas: rows.map((row) => viewOf(desk, row)), nextCursor };
    },
    async get(id) {
      const row = await readSaga(sql, id);
      return row ? { ...viewOf(desk, row), state: row.state, history: await readHistory(sql, id) } : null;
    },
    counts: () => countSagas(sql),
    retry: (id, by) => makeMove(desk, "retry", { id, by }),
    compensate: (id, by) => makeMove(desk, "compensate", { id, by }),
    skip: (id, by) => makeMove(desk, "skip", { id, by }),
  };
}

async function makeMove(desk: Desk, move: Move, { id, by }: { id: string; by: string }): Promise<Moved> {
  const { sql } = desk.db;
  if (await moveSaga(sql, move, { id, by, undoFor: desk.undoFor })) {
    desk.look();
    return { outcome: "done" };
  }
  const row = await readSaga(sql, id);
  return row ? { outcome: "refused", reason: `A saga that is ${row.status} does not allow this move.` } : { outcome: "unknown" };
}

function viewOf({ service, definitions }: Desk, row: SagaRow): SagaView {
  const { id, name, version, status, attempt, error, deadlineAt, createdAt, updatedAt } = row;
  const definition = definitions.find((known) => known.name === name && known.version === version);
  const step = definition?.steps[row.step]?.name ?? null;
  const dueAt = status === "running" || status === "compensating" ? row.dueAt : null;
  return { id, service, name, version, status, step, attempt, error, dueAt, deadlineAt, createdAt, updatedAt };
}
