import { randomBytes } from "node:crypto";
import { chmodSync, existsSync } from "node:fs";
import { access, constants, mkdir, open, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { OperatorError } from "./operator-error.ts";

/** The folder where this installation keeps what it must not lose. One process holds it at a time. */
export type DataFolder = {
  /** Absolute, with symbolic links resolved. */
  readonly path: string;
  /** A random 32-byte secret (base64url, 43 characters) kept in the file `name`, mode 0600, made on first use. */
  secret(name: string): Promise<string>;
  /** Lets the folder go. May be called twice. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

const SQLITE_BUSY = 5;
const SECRET_LENGTH = 43;

const NOT_OURS = "this user may not write there: give the user the right to";
const FULL = "the disk is full: free some space";
const REFUSALS: Record<string, string> = {
  ENOTDIR: "a file is in the way: move it",
  EACCES: NOT_OURS,
  EPERM: NOT_OURS,
  EROFS: "the file system is read-only: mount it writable",
  ENOSPC: FULL,
  EDQUOT: FULL,
};

/**
 * Creates the folder (mode 0700; its parent must exist) and holds it alone until `close` or the end of this process, however
 * it ends. Waits `patience` milliseconds (2,000) for a previous owner that is just dying.
 * Throws an OperatorError when another process has the folder or it cannot be created or written.
 */
export async function openDataFolder(path: string, options: { patience?: number } = {}): Promise<DataFolder> {
  const folder = await explaining(resolve(path), () => makeFolder(resolve(path)));
  const lock = await takeLock(folder, options.patience ?? 2_000);
  try {
    await explaining(folder, () => writeFile(ownerFile(folder), `${process.pid}\n`, { mode: 0o600 }));
  } catch (error) {
    lock.close();
    throw error;
  }
  return heldFolder(folder, lock);
}

/** The code of a system error ("ENOENT"), undefined for any other value. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** The text of a file, or undefined when there is no such file. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Makes the names in a folder (a rename, say) survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Runs work on the data folder `folder`; a refusal of the file system becomes an OperatorError that names the remedy. */
export async function explaining<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = REFUSALS[errorCode(error) ?? ""];
    if (reason === undefined) throw error;
    throw unusable(folder, reason, error);
  }
}

function unusable(folder: string, reason: string, cause: unknown): OperatorError {
  return new OperatorError(`cannot use the data folder ${folder}: ${reason}, or give another folder with --data`, { cause });
}

async function makeFolder(path: string): Promise<string> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (errorCode(error) === "ENOENT") throw unusable(path, `there is no folder ${dirname(path)}: create it`, error);
    if (errorCode(error) !== "EEXIST") throw error;
    if (!existsSync(path)) throw unusable(path, "it is a link to nothing: remove it", error);
  }
  if (!(await stat(path)).isDirectory()) throw Object.assign(new Error(`${path} is not a folder`), { code: "ENOTDIR" });
  await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  return realpath(path);
}

const ownerFile = (folder: string): string => join(folder, "pid");

async function takeLock(folder: string, patience: number): Promise<DatabaseSync> {
  const deadline = Date.now() + patience;
  for (;;) {
    const lock = tryLock(join(folder, "lock"));
    if (lock) return lock;
    if (Date.now() >= deadline) break;
    await sleep(50);
  }
  const owner = (await readIfThere(ownerFile(folder)))?.trim();
  const who = owner ? `process ${owner}` : "another process";
  throw new OperatorError(`the data folder ${folder} is in use by ${who}: stop it, or give another folder with --data`);
}

// The kernel holds the lock and lets it go when the process ends in any way, so there is no pid to judge: a zombie, a recycled
// pid and a pid of another container cannot mislead it, and two starts cannot both win. Node has no flock; SQLite's lock is one.
// Nothing in this process may open the file otherwise: POSIX drops a process's locks at its first close of the file.
function tryLock(file: string): DatabaseSync | undefined {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(file, { timeout: 0 });
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    chmodSync(file, 0o600);
    return lock;
  } catch (error) {
    lock?.close();
    if (typeof error === "object" && error !== null && "errcode" in error && error.errcode === SQLITE_BUSY) return undefined;
    throw new OperatorError(`cannot lock ${file}: ${String(error)}; put the data folder on a local disk with --data`, {
      cause: error,
    });
  }
}

function heldFolder(path: string, lock: DatabaseSync): DataFolder {
  const secrets = new Map<string, Promise<string>>();
  const release = async (): Promise<void> => {
    await rm(ownerFile(path), { force: true });
    lock.close();
  };
  let released: Promise<void> | undefined;
  const close = (): Promise<void> => (released ??= release());
  return {
    path,
    secret(name) {
      const known = secrets.get(name) ?? explaining(path, () => keptSecret(path, name));
      secrets.set(name, known);
      return known;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function keptSecret(folder: string, name: string): Promise<string> {
  const file = join(folder, name);
  const secret = (await readIfThere(file))?.trim() ?? (await newSecret(folder, file));
  if (secret.length >= SECRET_LENGTH) return secret;
  throw new OperatorError(`${file} holds no secret any more: restore it from a backup, or give another folder with --data`);
}

async function newSecret(folder: string, file: string): Promise<string> {
  const secret = randomBytes(32).toString("base64url");
  // Only complete and flushed files get the final name, so a crash leaves no empty secret.
  await writeFile(`${file}.new`, secret, { mode: 0o600, flush: true });
  await rename(`${file}.new`, file);
  await syncFolder(folder);
  return secret;
}
