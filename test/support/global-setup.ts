import { chmod, mkdtemp, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDataFolder } from "../../lib/data-folder.ts";
import { startEmbeddedPostgres } from "../../lib/postgres/embedded.ts";

declare global {
  var endTestRun: (() => Promise<void>) | undefined;
}

/** Where Linux keeps files in memory. */
const MEMORY = "/dev/shm";
/** Several times what the databases of a whole run take, bytes. */
const ROOM = 4 * 1024 ** 3;

/**
 * Gives this run a temporary folder of its own, in which every test makes what it needs and which goes with the run,
 * and starts the PostgreSQL that all tests of this run share, unless DATABASE_URL names one.
 */
export default async function setUp(): Promise<void> {
  const temporary = await mkdtemp(join(tmpdir(), "brickwork-tests-"));
  // Every user of the system can reach what is in there, as in the folder above.
  await chmod(temporary, 0o755);
  process.env.TMPDIR = temporary;
  const stopPostgres = process.env.DATABASE_URL ? undefined : await startPostgres();
  globalThis.endTestRun = async () => {
    await stopPostgres?.();
    await remove(temporary);
  };
}

async function startPostgres(): Promise<() => Promise<void>> {
  const path = await mkdtemp(join(await placeOf(), "brickwork-test-"));
  const folder = await openDataFolder(path);
  const postgres = await startEmbeddedPostgres(folder);
  process.env.DATABASE_URL = postgres.url;
  return async () => {
    await postgres.stop();
    await folder.close();
    await remove(path);
  };
}

/** Processes that a test killed may still be writing their last lines. */
const remove = (path: string) => rm(path, { recursive: true, force: true, maxRetries: 5 });

/** The databases of service tests outlive nobody; on the disk they would be in the way of the shops that tests kill and time. */
async function placeOf(): Promise<string> {
  try {
    const { bavail, bsize } = await statfs(MEMORY);
    return bavail * bsize < ROOM ? tmpdir() : MEMORY;
  } catch {
    return tmpdir(); // Not every system has one.
  }
}
