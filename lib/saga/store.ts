import type { Sql, Tx } from "../database.ts";
import { type JsonObject, jsonb } from "../json.ts";
import type { SagaView } from "../kernel-contract.ts";

export type SagaStatus = SagaView["status"];

/** One thing that happened to a saga. `step` is absent when it concerns the saga as a whole. */
export interface HistoryLine {
  readonly step?: string;
  readonly what: string;
  readonly detail: JsonObject;
}

/** Where a saga is. */
export interface Position {
  readonly status: SagaStatus;
  /** Running: the step that comes next. Otherwise the highest step that is not undone yet, -1 for none. */
  readonly step: number;
  readonly state: object;
  readonly reason: JsonObject | null;
  /** Tries of this step that did not finish it. */
  readonly attempt: number;
  /** The step had to be put off: whoever waits for the outcome need not wait. */
  readonly putOff: boolean;
  readonly error: string | null;
}

/** What the row must still say for a position to be saved: else a commit whose answer was lost could be overwritten. */
export type Stored = Pick<Position, "status" | "step">;

/** The right to work on a saga. A higher token was handed out later, and the lower ones are void. */
export interface Lease {
  readonly id: string;
  readonly token: number;
}

/** A saga that this node may work on now. `isOverdue`: its deadline has passed. */
export interface LeasedSaga extends Lease, Position {
  readonly name: string;
  readonly version: number;
  readonly isOverdue: boolean;
}

interface Known {
  readonly name: string;
  readonly version: number;
}

interface NewSaga {
  readonly id: string;
  readonly state: object;
  /** Leases the saga to this node, for `lease` milliseconds under token 1. */
  readonly holder?: { readonly node: string; readonly lease: number };
}

/** Stores a saga with the first line of its history, in one statement. */
export async function insertSaga(
  tx: Tx,
  { name, version, deadline }: Known & { deadline: number },
  saga: NewSaga,
): Promise<void> {
  const { id, state, holder } = saga;
  await tx`
    with started as (
      insert into kernel.saga (id, name, version, state, deadline_at, lease_owner, lease_until)
      values (
        ${id}, ${name}, ${version}, ${jsonb(tx, state)}, now() + ${deadline}::float * interval '1 ms',
        ${holder?.node ?? null}, clock_timestamp() + ${holder?.lease ?? null}::float * interval '1 ms'
      )
      returning id
    )
    insert into kernel.saga_history (saga_id, what, detail) select id, 'started', '{}' from started`;
}

interface Claim {
  readonly node: string;
  readonly lease: number;
  readonly known: readonly Known[];
  readonly limit: number;
}

/** Leases up to `limit` sagas that are due and that nobody works on, of the known definitions only. */
export async function leaseDue(sql: Sql, { node, lease, known, limit }: Claim): Promise<LeasedSaga[]> {
  const names = known.map(({ name, version }) => ({ name, version }));
  return sql<LeasedSaga[]>`
    with due as materialized (
      select id from kernel.saga
      where status in ('running', 'compensating') and due_at <= now() and (lease_until is null or lease_until <= now())
        and (name, version) in (
          select name, version from jsonb_to_recordset(${jsonb(sql, names)})
          as known (name text, version int)
        )
      order by due_at limit ${limit} for update skip locked
    )
    update kernel.saga s
    set lease_owner = ${node}, lease_token = lease_token + 1, lease_until = clock_timestamp() + ${lease}::float * interval '1 ms'
    from due where s.id = due.id
    returning s.id, lease_token as token, name, version, status, step, state, reason, attempt, put_off, error,
      deadline_at <= now() as is_overdue`;
}

/** Makes leases longer. Returns the ids of those that are still held; the others belong to somebody else now. */
export async function renewLeases(sql: Sql, leases: readonly Lease[], lease: number): Promise<Set<string>> {
  const rows = await sql<{ id: string }[]>`
    update kernel.saga s set lease_until = clock_timestamp() + ${lease}::float * interval '1 ms'
    from jsonb_to_recordset(${jsonb(sql, leases)}) as held (id text, token bigint)
    where s.id = held.id and lease_token = held.token and lease_until is not null
    returning s.id`;
  return new Set(rows.map(({ id }) => id));
}

/** What becomes of the lease and the times with a saved position, all in milliseconds. */
export interface Saving {
  readonly lines: readonly HistoryLine[];
  /** Keep the lease for so long; without it the lease is given back. */
  readonly lease?: number;
  /** Due again after so long, but not later than the deadline. */
  readonly after?: number;
  /** A new deadline, so long from now. */
  readonly deadline?: number;
}

/**
 * Saves a position and its lines of history in one statement, if the lease's token is still the last one handed out and
 * the saga is where it was. Undefined when not: then nothing was changed, and the truth has to be read anew.
 */
export async function savePosition(
  sql: Sql | Tx,
  { id, token }: Lease,
  from: Stored,
  at: Position,
  { lines, lease = 0, after = 0, deadline = 0 }: Saving,
): Promise<{ isOverdue: boolean } | undefined> {
  const [saved] = await sql<{ isOverdue: boolean }[]>`
    with moved as (
      update kernel.saga set
        status = ${at.status}, step = ${at.step}, state = ${jsonb(sql, at.state)}, attempt = ${at.attempt},
        reason = ${at.reason && jsonb(sql, at.reason)}, put_off = ${at.putOff}, error = ${at.error}, updated_at = now(),
        due_at = case when ${after}::float > 0
          then least(now() + ${after}::float * interval '1 ms', greatest(deadline_at, now())) else due_at end,
        deadline_at = case when ${deadline}::float > 0 then now() + ${deadline}::float * interval '1 ms' else deadline_at end,
        lease_owner = case when ${lease}::float > 0 then lease_owner end,
        lease_until = case when ${lease}::float > 0 then clock_timestamp() + ${lease}::float * interval '1 ms' end
      where id = ${id} and lease_token = ${token} and status = ${from.status} and step = ${from.step}
      returning id, deadline_at <= now() as is_overdue
    ), told as (
      insert into kernel.saga_history (saga_id, step, what, detail)
      select moved.id, line.step, line.what, line.detail
      from moved, jsonb_to_recordset(${jsonb(sql, lines)}) as line (step text, what text, detail jsonb)
    )
    select is_overdue from moved`;
  return saved;
}
