import type { z } from "zod";
import type { Sql, Tx } from "../../lib/database.ts";
import type { AdminKey } from "./contract.ts";

export type KeyRow = z.output<typeof AdminKey>;

const columns = (sql: Sql | Tx) => sql`id, name, scopes, hint, created_at, created_by, last_used_at, revoked_at`;

interface NewKey {
  readonly id: string;
  readonly digest: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly hint: string;
  readonly by: string;
}

export async function insertKey(tx: Tx, { id, digest, name, scopes, hint, by }: NewKey): Promise<KeyRow> {
  const [row] = await tx<[KeyRow]>`
    insert into admin_key (id, digest, name, scopes, hint, created_by)
    values (${id}, ${digest}, ${name}, ${[...scopes]}, ${hint}, ${by}) returning ${columns(tx)}`;
  return row;
}

/** Newest first. */
export const findKeys = (sql: Sql, { limit, cursor }: { limit: number; cursor?: string | undefined }): Promise<KeyRow[]> =>
  sql<KeyRow[]>`
  select ${columns(sql)} from admin_key where ${cursor ? sql`id < ${cursor}` : sql`true`} order by id desc limit ${limit}`;

/** Ends a key, once. Undefined when there is none. */
export async function revokeKey(tx: Tx, id: string): Promise<KeyRow | undefined> {
  const [row] = await tx<KeyRow[]>`
    update admin_key set revoked_at = coalesce(revoked_at, now()) where id = ${id} returning ${columns(tx)}`;
  return row;
}

/** The key with this digest, unless it is revoked. That it was used is noted once a minute. */
export async function useKey(sql: Sql, digest: string): Promise<Pick<KeyRow, "id" | "scopes"> | undefined> {
  const [row] = await sql<Pick<KeyRow, "id" | "scopes">[]>`
    with noted as (
      update admin_key set last_used_at = now()
      where digest = ${digest} and revoked_at is null and coalesce(last_used_at < now() - interval '1 minute', true)
    )
    select id, scopes from admin_key where digest = ${digest} and revoked_at is null`;
  return row;
}
