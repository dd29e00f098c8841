import type { z } from "zod";
import type { Sql } from "../database.ts";
import type { SagaHistory, SagaView } from "../kernel-contract.ts";
import type { Position, SagaStatus } from "./store.ts";

/** A saga as it is stored, without the names that only its definition knows. */
export interface SagaRow extends Position, Pick<SagaView, "id" | "name" | "version" | "deadlineAt" | "createdAt" | "updatedAt"> {
  readonly dueAt: string;
}

/** One saga, from any node. */
export async function readSaga(sql: Sql, id: string): Promise<SagaRow | undefined> {
  const [row] = await sql<SagaRow[]>`select * from kernel.saga where id = ${id}`;
  return row;
}

/** Everything that happened to a saga, oldest first. */
export async function readHistory(sql: Sql, id: string): Promise<z.output<typeof SagaHistory>> {
  return sql`select at, step, what, detail from kernel.saga_history where saga_id = ${id} order by seq`;
}

/** Which sagas to list: those older than the one whose id is `cursor`. */
export interface SagaQuery {
  readonly status?: SagaStatus | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Sagas, newest first. */
export async function listSagas(sql: Sql, { status, limit, cursor }: SagaQuery): Promise<SagaRow[]> {
  const after = cursor ? sql`and (created_at, id) < (select created_at, id from kernel.saga where id = ${cursor})` : sql``;
  // Written out instead of a parameter, so that the few stuck ones come from their partial index.
  const which = status === "stuck" ? sql`status = 'stuck'` : status ? sql`status = ${status}` : sql`true`;
  return sql`select * from kernel.saga where ${which} ${after} order by created_at desc, id desc limit ${limit}`;
}

/** How many sagas are under way or stuck. Finished ones are not counted: they are many, and nobody waits for them. */
export async function countSagas(sql: Sql): Promise<Partial<Record<SagaStatus, number>>> {
  const rows = await sql<{ status: SagaStatus; count: number }[]>`
    select status, count(*) from kernel.saga where status in ('running', 'compensating') group by status
    union all
    select status, count(*) from kernel.saga where status = 'stuck' group by status`;
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

export type Move = "retry" | "compensate" | "skip";

interface OperatorMove {
  readonly id: string;
  /** Who did it, for the history. */
  readonly by: string;
  /** Milliseconds that a compensation has from now. */
  readonly undoFor: number;
}

/**
 * Makes an operator's move with its line of history, in one statement. False when the saga's state forbids it. Whoever
 * works on the saga right now loses the lease.
 */
export async function moveSaga(sql: Sql, move: Move, { id, by, undoFor }: OperatorMove): Promise<boolean> {
  const moved = await sql`
    with moved as (
      update kernel.saga set
        ${MOVES[move](sql, by)}, ${undoTime(sql, move, undoFor)},
        attempt = 0, put_off = false, error = null, due_at = now(), updated_at = now(),
        lease_token = lease_token + 1, lease_owner = null, lease_until = null
      where id = ${id} and ${ALLOWED[move](sql)}
      returning id
    )
    insert into kernel.saga_history (saga_id, what, detail)
    select id, ${`operator.${move}`}, ${sql.json({ by })} from moved returning saga_id`;
  return moved.length > 0;
}

const ALLOWED = {
  retry: (sql: Sql) => sql`(status = 'stuck' or put_off and status in ('running', 'compensating'))`,
  compensate: (sql: Sql) => sql`status in ('running', 'stuck')`,
  skip: (sql: Sql) => sql`status = 'stuck'`,
};

const MOVES = {
  retry: (sql: Sql) => sql`status = case status when 'stuck' then 'compensating' else status end`,
  compensate: (sql: Sql, by: string) =>
    sql`status = 'compensating', reason = coalesce(reason, ${sql.json({ code: "operator", by })})`,
  // Below the lowest step there is only the last act, which writes in this database.
  skip: (sql: Sql) => sql`status = case when step < 0 then 'compensated' else 'compensating' end, step = greatest(step - 1, -1)`,
};

/** A try again on the way forward keeps its deadline; a compensation gets its whole time. */
const undoTime = (sql: Sql, move: Move, undoFor: number) => {
  const keeps = move === "retry" ? sql`status = 'running'` : sql`false`;
  return sql`deadline_at = case when ${keeps} then deadline_at else now() + ${undoFor}::float * interval '1 ms' end`;
};

/** Makes a saga due now, if it waits. */
export async function hasten(sql: Sql, id: string): Promise<void> {
  await sql`update kernel.saga set due_at = now() where id = ${id} and due_at > now() and status in ('running', 'compensating')`;
}
