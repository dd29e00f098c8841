import type { Output } from "../../lib/contract.ts";
import type { Sql, Tx } from "../../lib/database.ts";
import { jsonb } from "../../lib/json.ts";
import type { getImport } from "./contract.ts";

export interface ImportRow extends Output<typeof getImport> {
  /** All of them; `errors` has only the first. */
  readonly errorCount: number;
}

export type ImportError = ImportRow["errors"][number];

/** The right to work on an import. It ends when the token is old or the time is over. */
export interface Lease {
  readonly id: string;
  readonly upload: string;
  readonly token: number;
  readonly entries: number;
  readonly feedHead: number | null;
}

/** False when the piece was there already. */
export async function insertPiece(
  tx: Tx,
  { upload, place, bytes }: { upload: string; place: number; bytes: Buffer },
): Promise<boolean> {
  const rows = await tx`
    insert into upload_piece (upload, place, bytes) values (${upload}, ${place}, ${bytes}) on conflict do nothing returning 1`;
  return rows.length > 0;
}

/** How large an upload is, and whether any piece before its last is missing. */
export async function measureUpload(sql: Sql | Tx, upload: string): Promise<{ size: number; pieces: number; isWhole: boolean }> {
  const [row] = await sql<[{ size: number; pieces: number; isWhole: boolean }]>`
    select coalesce(sum(length(bytes)), 0)::bigint as size, count(*) as pieces, count(*) = coalesce(max(place) + 1, 0) as is_whole
    from upload_piece where upload = ${upload}`;
  return row;
}

export async function readPiece(sql: Sql, upload: string, place: number): Promise<Buffer> {
  const [row] = await sql<{ bytes: Buffer }[]>`select bytes from upload_piece where upload = ${upload} and place = ${place}`;
  if (!row) throw new Error(`Piece ${place} of ${upload} is gone.`);
  return row.bytes;
}

const columns = (sql: Sql | Tx) => sql`id, status, created, updated, unchanged, failed, progress, errors, error_count`;

/** The import of an upload, made if there is none. */
export async function openImport(tx: Tx, id: string, upload: string): Promise<ImportRow> {
  const [row] = await tx<[ImportRow]>`
    insert into import (id, upload) values (${id}, ${upload})
    on conflict (upload) do update set upload = excluded.upload returning ${columns(tx)}`;
  return row;
}

export async function findImportOf(tx: Tx, upload: string): Promise<ImportRow | undefined> {
  const [row] = await tx<ImportRow[]>`select ${columns(tx)} from import where upload = ${upload}`;
  return row;
}

export async function readImport(sql: Sql, id: string): Promise<ImportRow | undefined> {
  const [row] = await sql<ImportRow[]>`select ${columns(sql)} from import where id = ${id}`;
  return row;
}

/** Takes a running import that nobody works on: the one that was waited for the longest. */
export async function leaseImport(sql: Sql): Promise<Lease | undefined> {
  const [lease] = await sql<Lease[]>`
    update import set token = token + 1, leased_until = now() + interval '5 seconds'
    where id = (
      select id from import where status = 'running' and (leased_until is null or leased_until < now())
      order by token, created_at limit 1 for update skip locked)
    returning id, upload, token, entries, feed_head`;
  return lease;
}

const held = (sql: Sql | Tx, { id, token }: Lease) => sql`id = ${id} and token = ${token} and status = 'running'`;

/** Makes the lease last. False when it is lost. */
export async function renewLease(sql: Sql, lease: Lease): Promise<boolean> {
  const rows = await sql`update import set leased_until = now() + interval '5 seconds' where ${held(sql, lease)} returning 1`;
  return rows.length > 0;
}

/** Lets others work on the import, in a second. */
export async function giveBack(sql: Sql, lease: Lease): Promise<void> {
  await sql`update import set leased_until = now() + interval '1 second' where ${held(sql, lease)}`;
}

export interface Advance {
  readonly entries: number;
  readonly progress: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly failed: number;
  readonly errors: readonly ImportError[];
}

const MOST_ERRORS = 1_000;

/** Notes down what was done since the last time, and makes the lease last. False when it is lost: then nothing may be committed. */
export async function advance(tx: Tx, lease: Lease, done: Advance): Promise<boolean> {
  const { entries, progress, created, updated, unchanged, failed, errors } = done;
  const rows = await tx`
    update import set leased_until = now() + interval '5 seconds', entries = ${entries}, progress = ${progress},
      created = created + ${created}, updated = updated + ${updated}, unchanged = unchanged + ${unchanged},
      failed = failed + ${failed}, error_count = error_count + ${errors.length},
      errors = case when jsonb_array_length(errors) >= ${MOST_ERRORS} then errors
                    else errors || ${jsonb(tx, errors.slice(0, MOST_ERRORS))} end
    where ${held(tx, lease)} returning 1`;
  return rows.length > 0;
}

/** The whole file is read; what is left is that inventory handles the feed up to `feedHead`. The file is no longer needed. */
export async function markRead(tx: Tx, lease: Lease, feedHead: number): Promise<boolean> {
  const rows = await tx`
    update import set feed_head = ${feedHead}, progress = 1 where ${held(tx, lease)} returning 1`;
  if (rows.length > 0) await deletePieces(tx, lease.upload);
  return rows.length > 0;
}

export async function finish(
  tx: Tx,
  lease: Lease,
  { status, error }: { status: "completed" | "failed"; error?: ImportError },
): Promise<void> {
  const rows = await tx`
    update import set status = ${status}, finished_at = now(), leased_until = null,
      errors = errors || ${jsonb(tx, error ? [error] : [])}, error_count = error_count + ${error ? 1 : 0}
    where ${held(tx, lease)} returning 1`;
  if (rows.length > 0) await deletePieces(tx, lease.upload);
}

/** Forgets uploads that nobody has imported within an hour. */
export async function trimUploads(sql: Sql): Promise<void> {
  await sql`
    delete from upload_piece p where received_at < now() - interval '1 hour'
      and not exists (select from import i where i.upload = p.upload and i.status = 'running')`;
}

async function deletePieces(tx: Tx, upload: string): Promise<void> {
  await tx`delete from upload_piece where upload = ${upload}`;
}
