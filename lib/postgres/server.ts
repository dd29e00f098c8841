import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type FileHandle, open, rename } from "node:fs/promises";
import type { Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readIfThere } from "../data-folder.ts";
import { until } from "./leftovers.ts";
import type { Account, Binaries } from "./program.ts";

/** What to run: the cluster with these programs, as this account, on this port of 127.0.0.1, with standard error to `log`. */
export type Launch = { binaries: Binaries; account: Account; cluster: string; port: number; log: string };

/** A running server. `ended` resolves when it is gone, for whatever reason. */
export type Server = { pid: number; ended: Promise<void>; stop(): Promise<void> };

const LOG_LIMIT = 10_000_000;
const PATIENCE = 10_000;

// The shell becomes the server and leaves a watchdog behind, which reads from a pipe that only we can write to. A line means
// that the server is gone and reaped; the end of the pipe means that we died, kill -9 included. The watchdog is an orphan on
// purpose: PostgreSQL takes the crash of an unknown child for the crash of a backend.
const SCRIPT = `
( (
  read -r _ <&3 && exit
  kill -INT $$ || exit
  for _ in 1 2 3 4 5 6 7 8 9 10; do sleep 1; kill -0 $$ || exit; done
  kill -QUIT $$
) >/dev/null 2>&1 & )
exec "$@" 3<&-
`;

/**
 * Starts the server in a session of its own, so that a terminal's Ctrl-C leaves it to us, and waits until it takes connections.
 * It stops when this process dies. Returns what it wrote to its log when it does not start.
 */
export async function launch(plan: Launch): Promise<{ outcome: "ready"; server: Server } | { outcome: "failed"; said: string }> {
  const log = await openLog(plan.log);
  try {
    const { size } = await log.stat();
    const child = spawnServer(plan, log);
    await once(child, "spawn");
    const server = watched(child);
    if (await isReady(child, plan.cluster)) return { outcome: "ready", server };
    const { buffer, bytesRead } = await log.read(Buffer.alloc(65_536), 0, 65_536, size);
    return { outcome: "failed", said: buffer.toString("utf8", 0, bytesRead) };
  } finally {
    await log.close();
  }
}

async function openLog(path: string): Promise<FileHandle> {
  const log = await open(path, "a+", 0o600);
  if ((await log.stat()).size < LOG_LIMIT) return log;
  await log.close();
  await rename(path, `${path}.1`);
  return open(path, "a+", 0o600);
}

function spawnServer({ binaries, account, cluster, port }: Launch, log: FileHandle): ChildProcess {
  const address = ["-c", "listen_addresses=127.0.0.1", "-p", String(port)];
  const server = [...account.prefix, join(binaries.folder, "postgres"), "-D", cluster, ...address];
  return spawn("sh", ["-c", SCRIPT, "sh", ...server], {
    ...account.ids,
    env: binaries.env,
    cwd: "/",
    detached: true,
    stdio: ["ignore", log.fd, log.fd, "pipe"],
  });
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

function watched(child: ChildProcess): Server {
  const leash = child.stdio[3] as Socket;
  const ended = once(child, "exit").then(() => void leash.end("\n"));
  leash.on("error", () => leash.destroy()); // Somebody killed the watchdog; there is nobody left to tell.
  leash.unref();
  child.unref();
  let stopped: Promise<void> | undefined;
  return { pid: child.pid ?? 0, ended, stop: () => (stopped ??= shutDown(child)) };
}

// SIGINT rolls back open transactions and writes everything out; SIGQUIT leaves that to the next start.
async function shutDown(child: ChildProcess): Promise<void> {
  for (const name of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
    if (hasEnded(child)) return;
    child.kill(name);
    await until(() => Promise.resolve(hasEnded(child)), PATIENCE);
  }
}

// The eighth line of postmaster.pid is the server's state (AddToDataDirLockFile, pidfile.h). Recovery after a crash may take
// long on a slow disk, so a server that is starting and alive is waited for.
async function isReady(child: ChildProcess, cluster: string): Promise<boolean> {
  while (!hasEnded(child)) {
    const lines = ((await readIfThere(join(cluster, "postmaster.pid"))) ?? "").split("\n");
    if (Number(lines[0]) === child.pid && lines[7]?.trim() === "ready") return true;
    await sleep(10);
  }
  return false;
}
