import { existsSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import Postgrator from "postgrator";

const KERNEL = join(import.meta.dirname, "migrations");

/** Any two nodes of a service that start at the same time take turns by this advisory lock. */
const LOCK = 0x6d6967;

/**
 * Brings a service's database up to date: first the kernel's tables (schema `kernel`), then the service's own files
 * `<number>.do.<what>.sql`, all in one transaction. Migrations only ever add, because two releases run side by side
 * during a deploy; what removes something waits in `migrations/contract` for an explicit command.
 */
export async function migrate(url: string, folder: string): Promise<void> {
  const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => {} });
  try {
    await sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(${LOCK})`;
      await tx`create schema if not exists kernel`;
      await run(tx, KERNEL, "kernel.migration");
      if (existsSync(folder)) await run(tx, folder, "kernel.service_migration");
    });
  } finally {
    await sql.end();
  }
}

async function run(tx: postgres.TransactionSql, folder: string, schemaTable: string): Promise<void> {
  const postgrator = new Postgrator({
    driver: "pg",
    migrationPattern: join(folder.replace(/[*?[\]{}()!]/g, "[$&]"), "*.do.*.sql"),
    schemaTable,
    execQuery: async (query) => ({ rows: [...(await tx.unsafe(query))] }),
    execSqlScript: async (script) => void (await tx.unsafe(script)),
  });
  const done = await postgrator.getDatabaseVersion();
  const newest = await postgrator.getMaxVersion();
  // During a rollback the database is ahead of the code; migrations that only add keep the old code working.
  if (newest > done) await postgrator.migrate();
}
