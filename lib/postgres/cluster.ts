import { existsSync } from "node:fs";
import { mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { platform } from "node:process";
import { type DataFolder, readIfThere, syncFolder } from "../data-folder.ts";
import { type Account, type Binaries, handOver, run } from "./program.ts";
import { OperatorError } from "../operator-error.ts";

/** The superuser of the embedded server; its password is a secret of the data folder. */
export const SUPERUSER = "brickwork";

/** The name of that secret. */
export const PASSWORD = "postgres-password";

const STAGE = "postgres.new-";

// macOS has no C.UTF-8. pg_trgm finds Korean only with a UTF-8 character type; "C" sorts by code point, as C.UTF-8 does.
const LOCALE = platform === "darwin" ? ["--locale=C", "--lc-ctype=en_US.UTF-8"] : ["--locale=C.UTF-8"];

// After a crash the server first brings everything to the disk: file by file that took 1 to 6 s, this way a fifth of one. macOS has no syncfs.
const SYNC = platform === "linux" ? "recovery_init_sync_method = syncfs\n" : "";

// Everything fits in 150 MB of memory and a data folder of a few hundred. Start with few processes: no I/O workers, no
// replication launcher. Errors go to the client that caused them; the log is for what concerns the server.
const SETTINGS = `# Brickwork writes this file anew at every start. To change a setting for good, use ALTER SYSTEM.
max_connections = 200
shared_buffers = 64MB
huge_pages = off
io_method = sync
max_logical_replication_workers = 0
shared_preload_libraries = ''
jit = off
fsync = on
synchronous_commit = on
min_wal_size = 64MB
max_wal_size = 256MB
wal_recycle = on
${SYNC}password_encryption = scram-sha-256
unix_socket_directories = ''
timezone = UTC
log_timezone = UTC
lc_messages = C
track_io_timing = off
log_min_messages = log
log_checkpoints = off
log_line_prefix = '%m [%p] '
`;

/**
 * Makes the database cluster `<folder>/postgres` where there is none, gives it to the account and writes our settings.
 * Returns its path. A crash on the way leaves no half-made cluster: it is made beside and renamed.
 * Throws an OperatorError when it cannot be made, or is of another major version.
 */
export async function prepareCluster(folder: DataFolder, binaries: Binaries, account: Account): Promise<string> {
  const cluster = clusterPath(folder);
  await sweep(folder.path);
  if (!(await isPresent(cluster, binaries.major))) await createCluster(folder, binaries, account);
  else if (!existsSync(join(folder.path, PASSWORD))) {
    throw new OperatorError(`${join(folder.path, PASSWORD)} is gone: restore it, or give another folder with --data`);
  }
  await handOver(cluster, account);
  await writeFile(join(cluster, "postgresql.conf"), SETTINGS, { mode: 0o644 });
  return cluster;
}

/** Where the database cluster of a data folder is. */
export const clusterPath = (folder: DataFolder): string => join(folder.path, "postgres");

/** Whether PostgreSQL's complaint is about a full disk. */
export const isDiskFull = (said: string): boolean => /No space left|free disk space/.test(said);

async function isPresent(cluster: string, major: string): Promise<boolean> {
  const version = (await readIfThere(join(cluster, "PG_VERSION")))?.trim();
  if (version === major) return true;
  if (version !== undefined) {
    const remedy = `move it with pg_dumpall of PostgreSQL ${version} and psql, or give another folder with --data`;
    throw new OperatorError(`${cluster} was made by PostgreSQL ${version} and this is PostgreSQL ${major}: ${remedy}`);
  }
  if (!existsSync(cluster)) return false;
  throw new OperatorError(`${cluster} is there and holds no database: move it away, or give another folder with --data`);
}

async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    // An initdb that outlived its killed parent may still be writing there, hence the retries.
    if (name.startsWith(STAGE)) await rm(join(folder, name), { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

async function createCluster(folder: DataFolder, binaries: Binaries, account: Account): Promise<void> {
  const stage = await mkdtemp(join(folder.path, STAGE));
  try {
    await writeFile(join(stage, "password"), await folder.secret(PASSWORD), { mode: 0o600 });
    await handOver(stage, account);
    await initdb(stage, binaries, account);
    await rename(join(stage, "data"), clusterPath(folder));
    await syncFolder(folder.path);
  } catch (error) {
    throw explained(error, clusterPath(folder));
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

async function initdb(stage: string, binaries: Binaries, account: Account): Promise<void> {
  const args = ["--encoding=UTF8", ...LOCALE, "--auth=scram-sha-256", `--username=${SUPERUSER}`, "--no-instructions"];
  const files = [`--pwfile=${join(stage, "password")}`, `--pgdata=${join(stage, "data")}`];
  const [program = "", ...rest] = [...account.prefix, join(binaries.folder, "initdb"), ...args, ...files];
  await run(program, rest, { ...account.ids, env: binaries.env, cwd: "/" });
}

function explained(error: unknown, cluster: string): unknown {
  // Only a program that failed has written to its standard error; the caller explains what the file system refused to us.
  if (typeof error !== "object" || error === null || !("stderr" in error)) return error;
  const said = String(error.stderr).trim() || String(error);
  const reason = /(?:FATAL|PANIC|error|could not).*/.exec(said)?.[0] ?? said.split("\n").at(-1);
  const remedy = isDiskFull(said) ? "free about 100 MB" : "mend that, set DATABASE_URL";
  const message = `cannot create the database ${cluster}: ${reason}; ${remedy}, or give another folder with --data`;
  return new OperatorError(message, { cause: error });
}
