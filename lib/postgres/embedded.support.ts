import { rm } from "node:fs/promises";
import { homedir } from "node:os";
import postgres from "postgres";
import { endOwner, keptFolder, startServer } from "../data-folder.support.ts";

let used: Promise<string> | undefined;

/**
 * A data folder with a database, below the home folder (which is root's alone where root runs the tests). The tests of one
 * file share it, for making one takes a second; each finds it as the one before left it, killed servers included.
 */
export const usedFolder = (): Promise<string> => (used ??= makeDatabase());

async function makeDatabase(): Promise<string> {
  const folder = await keptFolder(homedir());
  await endOwner(await startServer(folder));
  return folder;
}

/** Removes the used folder. For `afterAll`. */
export async function removeUsedFolder(): Promise<void> {
  if (used) await rm(await used, { recursive: true, force: true });
}

/** Runs work with a client that is closed afterwards. */
export async function withClient<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

/** Whether the server lets us in and answers. */
export function answers(url: string): Promise<boolean> {
  return withClient(url, async (sql) => (await sql`select 1`).length === 1);
}
