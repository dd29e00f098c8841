import { writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type DataFolder, errorCode, explaining, readIfThere } from "../data-folder.ts";
import { PASSWORD, SUPERUSER, clusterPath, isDiskFull, prepareCluster } from "./cluster.ts";
import { clearLeftovers } from "./leftovers.ts";
import { chooseAccount, findBinaries } from "./program.ts";
import { type Launch, type Server, launch } from "./server.ts";
import { OperatorError } from "../operator-error.ts";

/** A PostgreSQL server of our own, running from the data folder and only for this machine. */
export type EmbeddedPostgres = {
  /** Of the superuser and the database `postgres`: postgres://brickwork:<password>@127.0.0.1:<port>/postgres */
  readonly url: string;
  readonly port: number;
  /** The server's process. */
  readonly pid: number;
  readonly dataDirectory: string;
  /** Resolves when the server is gone, whether stopped or not. */
  readonly ended: Promise<void>;
  /** Ends the connections, writes everything out and stops; for a server that takes longer than 10 s, without writing. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** `log` receives lines worth telling the operator; `port` replaces the remembered port. */
export type EmbeddedPostgresOptions = { log?: (line: string) => void; port?: number };

const LEFTOVERS_PATIENCE = 10_000;

/**
 * Starts PostgreSQL from `<folder>/postgres`, making the database on first use (about a second), and returns when it takes
 * connections. It stops when this process dies in any way. The caller holds the folder and stops the server before closing it.
 * Throws an OperatorError with one line when this machine or the folder does not allow it.
 */
export async function startEmbeddedPostgres(
  folder: DataFolder,
  options: EmbeddedPostgresOptions = {},
): Promise<EmbeddedPostgres> {
  return explaining(folder.path, async () => {
    const binaries = await findBinaries(folder.path);
    const account = await chooseAccount(binaries, folder.path, clusterPath(folder));
    await clearLeftovers(clusterPath(folder));
    const cluster = await prepareCluster(folder, binaries, account);
    const plan = { binaries, account, cluster, log: join(folder.path, "postgres.log") };
    const { port, server } = await start(folder, plan, options);
    const password = await folder.secret(PASSWORD);
    const url = `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`;
    return { url, port, dataDirectory: cluster, ...server, [Symbol.asyncDispose]: server.stop };
  });
}

type Plan = Omit<Launch, "port">;

async function start(
  folder: DataFolder,
  plan: Plan,
  options: EmbeddedPostgresOptions,
): Promise<{ port: number; server: Server }> {
  for (const deadline = Date.now() + LEFTOVERS_PATIENCE; ; await sleep(200)) {
    const port = await choosePort(portFile(folder), options);
    await writeFile(portFile(folder), `${port}\n`, { mode: 0o600 });
    const attempt = await launch({ ...plan, port });
    if (attempt.outcome === "ready") return { port, server: attempt.server };
    if (!isPassing(attempt.said) || Date.now() > deadline) throw refused(attempt.said, plan);
    await clearLeftovers(plan.cluster);
  }
}

// Somebody took the port just now, or a predecessor is not quite gone.
const isPassing = (said: string): boolean => /Address already in use|lock file|shared memory block/.test(said);

function refused(said: string, { cluster, log }: Plan): OperatorError {
  const reason = /(?:FATAL|PANIC): +(.*)/.exec(said)?.[1] ?? said.trim().split("\n").at(-1) ?? "";
  const remedy = isDiskFull(said) ? "free some space" : `see ${log}`;
  return new OperatorError(`PostgreSQL does not start on ${cluster}: ${reason}; ${remedy}, or give another folder with --data`);
}

const portFile = (folder: DataFolder): string => join(folder.path, "postgres.port");

async function choosePort(file: string, { port, log }: EmbeddedPostgresOptions): Promise<number> {
  if (port !== undefined) {
    if (await isFree(port)) return port;
    throw new OperatorError(`port ${port} of 127.0.0.1 is taken: stop the program that has it, or choose another port`);
  }
  const remembered = Number(await readIfThere(file));
  if (!remembered) return freePort();
  if (await isFree(remembered)) return remembered;
  const other = await freePort();
  log?.(`another program has port ${remembered}, so PostgreSQL listens on ${other}`);
  return other;
}

async function isFree(port: number): Promise<boolean> {
  try {
    await listenOnce(port);
    return true;
  } catch (error) {
    if (errorCode(error) === "EADDRINUSE") return false;
    throw error;
  }
}

const freePort = (): Promise<number> => listenOnce(0);

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const { port: taken } = server.address() as AddressInfo;
      server.close(() => resolve(taken));
    });
  });
}
