import type { Tx } from "./database.ts";
import { fault } from "./fault.ts";
import { jsonb } from "./json.ts";

interface Seen {
  readonly isMine: boolean;
  readonly isKnown: boolean;
  readonly isUndone: boolean;
  readonly kept: { readonly done?: unknown } | null;
}

/**
 * Runs `work` once per key. The first call keeps the result, which must survive JSON, in the same transaction; any other
 * call, also one at the same instant on another node, waits for the first and returns what it kept. When the key was
 * undone (`undoOnce`) nothing is done and `cancelled` is returned, or without it a `conflict` is thrown. When `work` throws
 * the transaction must be rolled back, and the key is free again. Two statements for the first call, one for a later one.
 *
 * Keys are shared by the whole service: two effects under one idempotency key need a word each, `reserve:${key}`.
 */
export async function once<T, C = never>(
  tx: Tx,
  key: string,
  work: () => Promise<T>,
  ifUndone?: { cancelled: C },
): Promise<T | C> {
  // The second look is for a row that was committed while the first one waited for it and could not see it yet.
  const first = await take(tx, key);
  const seen = first.isMine || first.isKnown ? first : await take(tx, key);
  if (seen.isUndone && ifUndone) return ifUndone.cancelled;
  if (seen.isUndone) throw fault("conflict", `"${key}" was cancelled before it ran.`);
  if (!seen.isMine) return seen.kept?.done as T;
  const result = await work();
  await tx`update kernel.once set kept = ${jsonb(tx, { done: result })} where key = ${key}`;
  return result;
}

async function take(tx: Tx, key: string): Promise<Seen> {
  const [seen] = await tx<[Seen]>`
    with mine as (insert into kernel.once (key) values (${key}) on conflict (key) do nothing returning key)
    select exists (select from mine) as is_mine, o.key is not null as is_known, o.undone_at is not null as is_undone, o.kept
    from (select) as always left join kernel.once o on o.key = ${key}`;
  return seen;
}

/**
 * Takes back what was done under a key, once. `undo` gets the kept result. When nothing was done yet a tombstone stays, so
 * that a `once` that arrives late changes nothing. Waits for a `once` that is running. One statement besides `undo`'s own.
 */
export async function undoOnce<T>(tx: Tx, key: string, undo: (kept: T) => Promise<void>): Promise<void> {
  const [undone] = await tx<{ kept: { done?: T } | null }[]>`
    insert into kernel.once as o (key, undone_at) values (${key}, now())
    on conflict (key) do update set undone_at = now() where o.undone_at is null
    returning kept`;
  if (undone?.kept) await undo(undone.kept.done as T);
}
