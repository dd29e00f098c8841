import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { NodeView } from "../../cluster/contract.ts";
import type { Holdings, Kept } from "../../cluster/keeper-contract.ts";
import { findKeeper } from "../../cluster/keeper-client.ts";

const ROOT = join(import.meta.dirname, "../..");
const PROGRAM = join(ROOT, "bin/brickwork.ts");

/** How a shop is spread over processes. */
export type Shape = "one process" | "split";

/** Both shapes, for flows that must go the same way in either. */
export const SHAPES: readonly Shape[] = ["one process", "split"];

/** A shop that runs as its users run it: in processes of its own, reached over HTTP. */
export interface Shop extends AsyncDisposable {
  readonly url: string;
  readonly adminKey: string;
  readonly data: string;
  /** The process that was started: all of the shop, or its supervisor. */
  readonly process: ChildProcess;
  /** Everything that was printed to stderr. */
  readonly said: () => string;
  /** Ctrl-C, and the wait for its end. Answers the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL to every process of the shop. */
  kill(): Promise<void>;
  /** Starts again on the same data folder. */
  again(): Promise<Shop>;
}

interface Options {
  /** A folder that is kept; otherwise a fresh one, which goes with the shop. */
  readonly data?: string;
  readonly seed?: "demo" | "empty";
  readonly shape?: Shape;
  readonly environment?: Readonly<Record<string, string>>;
  /** More of the command line. */
  readonly args?: readonly string[];
  /** The checkout whose program runs. */
  readonly root?: string;
}

interface Ready {
  readonly url: string;
}

/** Starts `brickwork start` or `brickwork up` on a free port and waits until the shop is ready. */
export async function startShop(options: Options = {}): Promise<Shop> {
  const { seed = "demo", shape = "one process", args = [], root = ROOT } = options;
  const data = options.data ?? (await mkdtemp(join(tmpdir(), "brickwork-shop-")));
  const command = shape === "split" ? "up" : "start";
  const program = join(root, "bin/brickwork.ts");
  const child = spawn(process.execPath, [program, command, "--json", "--port", "0", "--data", data, "--seed", seed, ...args], {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    // Not the database of the test run: a shop brings its own.
    env: { ...process.env, DATABASE_URL: "", REDIS_URL: "", LOG_LEVEL: "warn", ...options.environment },
  });
  const errors: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => errors.push(text));
  const { url } = await readyLine(child, () => errors.join(""));
  const shop: Shop = {
    url,
    adminKey: (await readFile(join(data, "admin-key"), "utf8")).trim(),
    data,
    process: child,
    said: () => errors.join(""),
    stop: () => end(child, () => child.kill("SIGINT")),
    kill: () => killAll(child, data),
    again: () => startShop({ ...options, data }),
    async [Symbol.asyncDispose]() {
      await shop.stop();
      if (!options.data) await rm(data, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
  return shop;
}

async function readyLine(child: ChildProcess, said: () => string): Promise<Ready> {
  const lines = createInterface({ input: child.stdout! });
  for await (const line of lines) {
    lines.removeAllListeners();
    child.stdout!.resume();
    return JSON.parse(line) as Ready;
  }
  throw new Error(`the shop did not start: ${said()}`);
}

async function end(child: ChildProcess, how: () => void): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, "exit");
  how();
  await ended;
  return child.exitCode;
}

/** Whoever looks after others dies first, so that nobody is told to stop in order; PostgreSQL and Redis die by their own leash. */
async function killAll(child: ChildProcess, data: string): Promise<void> {
  const keeper = await findKeeper(data);
  const kept = (await keeper?.ask<Kept[]>("list")) ?? [];
  const held = keeper ? [(await keeper.ask<Holdings>("holdings")).pid] : [];
  await end(child, () => {
    for (const pid of [child.pid!, ...held, ...kept.map((node) => node.pid)]) process.kill(-pid, "SIGKILL");
  });
}

/** The nodes that `brickwork ps` shows. */
export async function nodesOf(data: string): Promise<NodeView[]> {
  const { stdout, stderr } = await brickwork("ps", "--json", "--data", data);
  if (stdout === "") throw new Error(stderr);
  return (JSON.parse(stdout) as { nodes: NodeView[] }).nodes;
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of the command line to its end. */
export const brickwork = (...args: string[]): Promise<Ended> => run(args);

/** Runs a command with an environment of its own, or with something to read. */
export async function run(args: readonly string[], how: { env?: NodeJS.ProcessEnv; input?: string } = {}): Promise<Ended> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: ROOT, env: how.env ?? process.env, stdio: "pipe" });
  child.stdin.end(how.input ?? "");
  const out: string[] = [];
  const errors: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => out.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => errors.push(text));
  await once(child, "close");
  return { code: child.exitCode, stdout: out.join(""), stderr: errors.join("") };
}
