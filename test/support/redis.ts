import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { access, constants, mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import { eventually } from "./eventually.ts";

const run = promisify(execFile);

/** A Redis of the test's own: it keeps nothing, and may be killed and started again on the same port. */
export interface TestRedis extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it after `kill`. */
  start(): Promise<void>;
  /** SIGSTOP: it keeps its connections and says nothing. */
  freeze(): void;
  thaw(): void;
  /** Sends one command over a connection of its own. */
  ask(...command: readonly [string, ...string[]]): Promise<unknown>;
}

/** Where a test that only needs a Redis, and does it no harm, finds one: REDIS_URL, or one of its own. */
export interface SomeRedis extends AsyncDisposable {
  readonly url: string;
}

export async function someRedis(): Promise<SomeRedis> {
  const url = process.env.REDIS_URL;
  return url ? { url, [Symbol.asyncDispose]: async () => {} } : startRedis();
}

/** Starts a Redis on a free port. More `options` are those of its command line. */
export async function startRedis(options: readonly string[] = []): Promise<TestRedis> {
  const program = await findProgram();
  const folder = await mkdtemp(join(tmpdir(), "brickwork-redis-"));
  const port = await freePort();
  let server: ChildProcess;
  // A test that ends in a hurry leaves nothing behind.
  const killAtExit = () => void server.kill("SIGKILL");
  process.on("exit", killAtExit);
  const start = async () => {
    const standard = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder];
    server = spawn(program, [...standard, ...options], { stdio: "ignore" });
    await eventually(() => ask(port, "PING"));
  };
  const kill = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, "exit");
    server.kill("SIGKILL");
    await gone;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill,
    start,
    freeze: () => void server.kill("SIGSTOP"),
    thaw: () => void server.kill("SIGCONT"),
    ask: (...command) => ask(port, ...command),
    async [Symbol.asyncDispose]() {
      await kill();
      process.off("exit", killAtExit);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function ask(port: number, command: string, ...args: string[]): Promise<unknown> {
  const client = new Redis({ port, lazyConnect: true, retryStrategy: () => null, enableReadyCheck: false });
  // The rejection of `connect` says the same.
  client.on("error", () => {});
  try {
    await client.connect();
    return await client.call(command, ...args);
  } finally {
    // ioredis waits two seconds for the end of what has ended already.
    if (client.status !== "end") client.disconnect();
  }
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

let program: Promise<string> | undefined;

const findProgram = (): Promise<string> => (program ??= find());

async function find(): Promise<string> {
  const found = await onPath();
  if (found) return found;
  const remedy = "install one (Debian: apt-get install redis-server; macOS: brew install redis) or set REDIS_URL";
  const isDebianRoot = process.getuid?.() === 0 && (await isProgram("/usr/bin/apt-get"));
  if (!isDebianRoot) throw new Error(`the tests need redis-server or valkey-server on the PATH: ${remedy}`);
  console.error("No redis-server on the PATH: installing it with apt-get.");
  const wait = ["-o", "DPkg::Lock::Timeout=120"];
  await run("apt-get", [...wait, "update"]);
  await run("apt-get", [...wait, "install", "-y", "--no-install-recommends", "redis-server"]);
  const installed = await onPath();
  if (!installed) throw new Error(`apt-get install redis-server brought no redis-server: ${remedy}`);
  return installed;
}

async function onPath(): Promise<string | undefined> {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const paths = ["redis-server", "valkey-server"].flatMap((name) => folders.map((folder) => join(folder, name)));
  for (const path of paths) if (await isProgram(path)) return path;
  return undefined;
}

const isProgram = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
