import { mkdtemp, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDataFolder } from "../../lib/data-folder.ts";
import { startEmbeddedPostgres } from "../../lib/postgres/embedded.ts";

declare global {
  var stopTestPostgres: (() => Promise<void>) | undefined;
}

/** Where Linux keeps files in memory. */
const MEMORY = "/dev/shm";
/** Several times what the databases of a whole run take, bytes. */
const ROOM = 4 * 1024 ** 3;

/** Starts the PostgreSQL that all tests of this run share, unless DATABASE_URL names one. */
export default async function setUp(): Promise<void> {
  if (process.env.DATABASE_URL) return;
  const path = await mkdtemp(join(await placeOf(), "brickwork-test-"));
  const folder = await openDataFolder(path);
  const postgres = await startEmbeddedPostgres(folder);
  process.env.DATABASE_URL = postgres.url;
  globalThis.stopTestPostgres = async () => {
    await postgres.stop();
    await folder.close();
    await rm(path, { recursive: true, force: true });
  };
}

/** The databases of service tests outlive nobody; on the disk they would be in the way of the shops that tests kill and time. */
async function placeOf(): Promise<string> {
  try {
    const { bavail, bsize } = await statfs(MEMORY);
    return bavail * bsize < ROOM ? tmpdir() : MEMORY;
  } catch {
    return tmpdir(); // Not every system has one.
  }
}
