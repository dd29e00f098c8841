import { readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { platform } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { errorCode, readIfThere } from "../data-folder.ts";
import { run } from "./program.ts";

/**
 * Ends what a killed predecessor left running in a database cluster: its server first, then backends without a server.
 * The caller must hold the data folder, so whatever runs there belongs to nobody any more.
 */
export async function clearLeftovers(cluster: string): Promise<void> {
  const pidFile = join(cluster, "postmaster.pid");
  const text = await readIfThere(pidFile);
  if (text === undefined) return;
  const pid = Number.parseInt(text, 10);
  if (await isServer(pid, cluster)) {
    signal(pid, "SIGQUIT");
    await until(async () => !(await isServer(pid, cluster)), 10_000);
  }
  for (const orphan of await processesIn(cluster)) signal(orphan, "SIGKILL");
  await until(async () => (await processesIn(cluster)).length === 0, 5_000);
  await disown(pidFile);
}

/** Waits, at most `patience` milliseconds, until the check says true. Returns whether it did. */
export async function until(check: () => Promise<boolean>, patience: number): Promise<boolean> {
  for (const deadline = Date.now() + patience; Date.now() < deadline; await sleep(10)) if (await check()) return true;
  return false;
}

/** Sends a signal to a process that may be gone by now. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error;
  }
}

// The command line, and not the pid, tells: a zombie has none, and a recycled pid has another.
async function isServer(pid: number, cluster: string): Promise<boolean> {
  if (!(pid > 0)) return false;
  try {
    if (platform === "linux") return (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0").includes(cluster);
    const { stdout } = await run("ps", ["-o", "args=", "-p", String(pid)]);
    return stdout.includes(cluster);
  } catch {
    return false; // There is no such process.
  }
}

// Every process of PostgreSQL works in the directory of its cluster.
async function processesIn(cluster: string): Promise<number[]> {
  if (platform !== "linux") return [];
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => worksIn(pid, cluster)));
  return pids.filter((_, index) => found[index]).map(Number);
}

async function worksIn(pid: string, cluster: string): Promise<boolean> {
  try {
    return (await readlink(`/proc/${pid}/cwd`)) === cluster && (await readFile(`/proc/${pid}/comm`, "utf8")) === "postgres\n";
  } catch {
    return false; // Gone meanwhile, a zombie, or a stranger's: not ours to end.
  }
}

// PostgreSQL refuses to start while the pid in the file exists, whoever has it now. It skips that question for its own parent's
// pid, and still uses the rest of the file to see that nothing is attached to the old shared memory (CreateLockFile, miscinit.c).
async function disown(pidFile: string): Promise<void> {
  const text = await readIfThere(pidFile);
  if (text !== undefined) await writeFile(pidFile, text.replace(/^-?\d+/, String(process.pid)));
}
