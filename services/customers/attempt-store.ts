import type { Sql, Tx } from "../../lib/database.ts";
import { FORGETTING } from "./model.ts";

/** Seconds until there may be another attempt; 0 when there may be one now. */
export async function secondsLeft(sql: Sql, key: Buffer): Promise<number> {
  const [row] = await sql<{ left: number }[]>`
    select extract(epoch from blocked_until - now())::float as left from attempt where key = ${key} and blocked_until > now()`;
  return Math.ceil(row?.left ?? 0);
}

/** Counts a failure. False when there may be no attempt now: then it was none, whatever it was. */
export async function countFailure(sql: Sql | Tx, key: Buffer, pauses: readonly number[]): Promise<boolean> {
  const counted = await sql`
    with rule as (select ${[...pauses]}::int[] as pauses, ${FORGETTING} * interval '1 second' as forgetting)
    insert into attempt as a (key, failures, blocked_until)
    select ${key}, 1, now() + pauses[1] * interval '1 second' from rule
    on conflict (key) do update set
      failures = case when a.last_at < now() - (select forgetting from rule) then 1 else a.failures + 1 end,
      blocked_until = now() + interval '1 second' * (select pauses[least(cardinality(pauses),
        case when a.last_at < now() - forgetting then 1 else a.failures + 1 end)] from rule),
      last_at = now()
    where a.blocked_until <= now() returning 1`;
  return counted.length > 0;
}

/** Forgets the failures. False when there may be no attempt now. */
export async function clearFailures(tx: Tx, key: Buffer): Promise<boolean> {
  const [row] = await tx<
    { isBlocked: boolean }[]
  >`select blocked_until > now() as is_blocked from attempt where key = ${key} for update`;
  if (row?.isBlocked) return false;
  if (row) await tx`delete from attempt where key = ${key}`;
  return true;
}

/** Forgets failures, and that there may be no attempt: for somebody who has shown otherwise who they are. */
export async function forgive(tx: Tx, key: Buffer): Promise<void> {
  await tx`delete from attempt where key = ${key}`;
}

/** Forgets what no longer counts. */
export async function trimAttempts(sql: Sql): Promise<void> {
  await sql`delete from attempt where last_at < now() - ${FORGETTING} * interval '1 second'`;
}
