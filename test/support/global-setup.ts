import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDataFolder } from "../../lib/data-folder.ts";
import { startEmbeddedPostgres } from "../../lib/postgres/embedded.ts";

declare global {
  var stopTestPostgres: (() => Promise<void>) | undefined;
}

/** Starts the PostgreSQL that all tests of this run share, unless DATABASE_URL names one. */
export default async function setUp(): Promise<void> {
  if (process.env.DATABASE_URL) return;
  const path = await mkdtemp(join(tmpdir(), "brickwork-test-"));
  const folder = await openDataFolder(path);
  const postgres = await startEmbeddedPostgres(folder);
  process.env.DATABASE_URL = postgres.url;
  globalThis.stopTestPostgres = async () => {
    await postgres.stop();
    await folder.close();
    await rm(path, { recursive: true, force: true });
  };
}
