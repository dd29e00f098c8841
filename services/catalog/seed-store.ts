import type { Sql, Tx } from "../../lib/database.ts";

/** Decides, once for all time, whether the demo catalogue is to be written: only where there is nothing else. */
export async function beginSeeding(sql: Sql): Promise<void> {
  await sql`
    insert into seeding (done_at) select case when exists (select from product) then now() end
    on conflict do nothing`;
}

export async function isSeeded(sql: Sql): Promise<boolean> {
  const rows = await sql`select from seeding where done_at is not null`;
  return rows.length > 0;
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly isLast: boolean;
}

/** Notes down that a stretch of the demo catalogue is written. False when another node has done that, or is just doing it. */
export async function advanceSeeding(tx: Tx, { from, to, isLast }: Stretch): Promise<boolean> {
  const rows = await tx`
    update seeding set products = ${to}, done_at = case when ${isLast} then now() end
    where products = ${from} and done_at is null returning 1`;
  return rows.length > 0;
}
