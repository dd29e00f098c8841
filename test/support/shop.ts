import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const ROOT = join(import.meta.dirname, "../..");
const PROGRAM = join(ROOT, "bin/brickwork.ts");

/** A shop that runs as its users run it: in processes of its own, reached over HTTP. */
export interface Shop extends AsyncDisposable {
  readonly url: string;
  readonly adminKey: string;
  readonly data: string;
  /** The first process of the shop's process group. */
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
  readonly environment?: Readonly<Record<string, string>>;
}

interface Ready {
  readonly url: string;
}

/** Starts `brickwork start` on a free port and waits until it is ready. */
export async function startShop(options: Options = {}): Promise<Shop> {
  const data = options.data ?? (await mkdtemp(join(tmpdir(), "brickwork-shop-")));
  const child = spawn(
    process.execPath,
    [PROGRAM, "start", "--json", "--port", "0", "--data", data, "--seed", options.seed ?? "demo"],
    {
      cwd: ROOT,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      // Not the database of the test run: a shop brings its own.
      env: { ...process.env, DATABASE_URL: "", LOG_LEVEL: "warn", ...options.environment },
    },
  );
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
    kill: async () => void (await end(child, () => process.kill(-child.pid!, "SIGKILL"))),
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

/** Runs a command of the command line to its end. */
export async function brickwork(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  const out: string[] = [];
  const errors: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => out.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => errors.push(text));
  await once(child, "close");
  return { code: child.exitCode, stdout: out.join(""), stderr: errors.join("") };
}
