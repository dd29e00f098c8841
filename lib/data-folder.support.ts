import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { until } from "./postgres/leftovers.ts";
import { run } from "./postgres/program.ts";

/** What a process that was asked to take a data folder says first. */
export type Answer = { outcome: "running"; url: string; server: number } | { outcome: "refused"; said: string };

/** A process that was asked to take a data folder. */
export type Owner = { child: ChildProcess; pid: number; answer: Promise<Answer>; gone: Promise<unknown> };

/** How to start an owner: `wrapper` comes before the program, `uid` is whom it runs as. */
export type OwnerOptions = { postgres?: boolean; wrapper?: string[]; uid?: number };

const FIXTURE = join(import.meta.dirname, "data-folder.fixture.ts");
const owners: Owner[] = [];
const folders: string[] = [];

/** A new empty folder that the caller removes. */
export const keptFolder = (parent: string): Promise<string> => mkdtemp(join(parent, "brickwork-test-"));

/** A new empty folder that `cleanUp` removes, below the system's folder for temporary files or below another one. */
export async function temporaryFolder(parent = tmpdir()): Promise<string> {
  const folder = await keptFolder(parent);
  folders.push(folder);
  return folder;
}

/** Like `temporaryFolder`, and every user may pass through it. */
export async function reachableFolder(): Promise<string> {
  const folder = await temporaryFolder();
  await chmod(folder, 0o755);
  return folder;
}

/** Starts a process that takes the data folder, and PostgreSQL when asked. `cleanUp` ends it. */
export function startOwner(folder: string, { postgres = false, wrapper = [], uid }: OwnerOptions = {}): Owner {
  const [program = "", ...args] = [...wrapper, process.execPath, FIXTURE, folder, postgres ? "postgres" : ""];
  const ids = uid === undefined ? {} : { uid, gid: uid };
  const child = spawn(program, args, { ...ids, cwd: "/", stdio: ["pipe", "pipe", "inherit"] });
  const owner = { child, pid: child.pid ?? 0, answer: firstAnswer(child.stdout), gone: once(child, "exit") };
  owners.push(owner);
  return owner;
}

async function firstAnswer(output: Readable): Promise<Answer> {
  for await (const line of createInterface(output)) return JSON.parse(line) as Answer;
  return { outcome: "refused", said: "it ended without an answer" };
}

/** Starts an owner with PostgreSQL. Throws when that is refused. */
export async function startServer(folder: string, options: OwnerOptions = {}): Promise<Owner & { url: string; server: number }> {
  const owner = startOwner(folder, { ...options, postgres: true });
  const answer = await owner.answer;
  if (answer.outcome === "refused") throw new Error(answer.said);
  return { ...owner, ...answer };
}

/** Ends an owner the way it is meant to end. */
export async function endOwner(owner: Owner): Promise<void> {
  owner.child.stdin?.end();
  await owner.gone;
}

/** Whether a process runs; a zombie does not. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/\) Z /.test(await readFile(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false; // Gone, before or while we looked.
  }
}

/** Waits at most `patience` milliseconds for the end of a process. Returns whether it ended. */
export const ends = (pid: number, patience: number): Promise<boolean> => until(async () => !(await isRunning(pid)), patience);

/** The pid of the shell that watches over a server: the one other process of its session that is not PostgreSQL. */
export async function watchdogOf(server: number): Promise<number> {
  const { stdout } = await run("pgrep", ["--session", String(server), "--exact", "sh"]);
  return Number(stdout);
}

/** A wrapper that runs the owner as root among mounts of its own, made by a shell script that finds `path` in $MOUNT. */
export function inMounts(script: string, path: string): string[] {
  return ["unshare", "--mount", "sh", "-ec", `MOUNT=$1; shift; ${script}; exec "$@"`, "sh", path];
}

/** Kills the owners, waits for their servers to follow, and removes the folders. For `afterEach`. */
export async function cleanUp(): Promise<void> {
  for (const owner of owners.splice(0)) {
    owner.child.kill("SIGKILL");
    await owner.gone;
    const answer = await owner.answer;
    if (answer.outcome === "running" && answer.server > 0) await ends(answer.server, 10_000);
  }
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
