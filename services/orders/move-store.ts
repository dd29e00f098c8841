import type { Sql, Tx } from "../../lib/database.ts";
import type { MoveName } from "./model.ts";

export type MoveKind = Exclude<MoveName, "confirm">;

export interface MoveRow {
  readonly id: string;
  readonly orderId: string;
  readonly kind: MoveKind;
  readonly status: "open" | "done" | "refused";
  readonly refusal: string | null;
  readonly fingerprint: string | null;
}

/** A request's `Idempotency-Key`, if it had one. */
export interface MoveKey {
  readonly scope: string;
  readonly key: string;
  readonly fingerprint: string;
}

const columns = (sql: Sql | Tx) => sql`id, order_id, kind, status, refusal, fingerprint`;

/** The move that a key has led to. */
export async function findByKey(tx: Tx, { scope, key }: MoveKey): Promise<MoveRow | undefined> {
  const [row] = await tx<MoveRow[]>`select ${columns(tx)} from order_move where key_scope = ${scope} and key = ${key}`;
  return row;
}

/** What is under way with an order. */
export async function findOpen(tx: Tx, orderId: string): Promise<MoveRow | undefined> {
  const [row] = await tx<MoveRow[]>`select ${columns(tx)} from order_move where order_id = ${orderId} and status = 'open'`;
  return row;
}

export async function readMove(sql: Sql, id: string): Promise<MoveRow | undefined> {
  const [row] = await sql<MoveRow[]>`select ${columns(sql)} from order_move where id = ${id}`;
  return row;
}

/** Who asked for a move, and why. */
export async function findAsker(tx: Tx, id: string): Promise<{ readonly by: string; readonly reason: string } | undefined> {
  const [row] = await tx<
    { by: string; reason: string }[]
  >`select by, coalesce(why, '') as reason from order_move where id = ${id}`;
  return row;
}

export interface NewMove {
  readonly id: string;
  readonly orderId: string;
  readonly kind: MoveKind;
  /** In minor units, for a move of money. */
  readonly amount?: number | undefined;
  /** The reason that was given. */
  readonly why?: string | undefined;
  readonly by: string;
  readonly key?: MoveKey | undefined;
}

/**
 * Begins a move. False when it asks for more money than there is, whoever says so. Throws a duplicate when another move
 * is open.
 */
export async function insertMove(tx: Tx, { id, orderId, kind, amount, why, by, key }: NewMove): Promise<boolean> {
  const inserted = await tx`
    insert into order_move (id, order_id, kind, amount, why, by, key_scope, key, fingerprint)
    select ${id}, o.id, ${kind}, ${amount ?? null}::bigint, ${why ?? null}, ${by}, ${key?.scope ?? null}, ${key?.key ?? null}, ${key?.fingerprint ?? null}
    from orders o
    where o.id = ${orderId}
      and (${kind} <> 'refund' or o.refunded + ${amount ?? null}::bigint <= o.captured)
      and (${kind} <> 'capture' or o.captured + ${amount ?? null}::bigint <= o.authorized)
    returning 1`;
  return inserted.length > 0;
}

/** Ends an open move. False when it has ended before. */
export async function endMove(tx: Tx, id: string, refusal: string | null = null): Promise<boolean> {
  const ended = await tx`
    update order_move set status = case when ${refusal}::text is null then 'done' else 'refused' end, refusal = ${refusal}, ended_at = now()
    where id = ${id} and status = 'open' returning 1`;
  return ended.length > 0;
}

/** The reason of a cancellation that was asked for and has not ended. */
export async function findOpenCancel(tx: Tx, orderId: string): Promise<string | undefined> {
  const [row] = await tx<{ why: string }[]>`
    select why from order_move where order_id = ${orderId} and kind = 'cancel' and status = 'open'`;
  return row?.why;
}

/** Forgets keys after a day, some at a time; the moves stay. */
export async function trimMoveKeys(sql: Sql): Promise<void> {
  await sql`
    update order_move set key_scope = null, key = null, fingerprint = null where id in (
      select id from order_move where key is not null and asked_at < now() - interval '24 hours' limit 1000)`;
}
