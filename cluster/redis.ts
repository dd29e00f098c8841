import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { access, constants } from "node:fs/promises";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OperatorError } from "../lib/operator-error.ts";

/** A private Redis that is started again when it dies. */
export interface LastingRedis {
  /** Stays the same over restarts. */
  readonly url: string;
  stop(): Promise<void>;
}

const PROGRAMS = ["redis-server", "valkey-server"];
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 5_000;
const READY_WITHIN = 10_000;

// Redis becomes the shell and leaves a watchdog behind, which reads from a pipe that only we can write to: the end of the pipe
// means that we died, kill -9 included. There is nothing to save, so it dies at once.
const SCRIPT = `( ( read -r _ <&3 && exit; kill -KILL $$ ) >/dev/null 2>&1 & )
exec "$@" 3<&-`;

/** Finds a Redis or Valkey server on a PATH. Throws an OperatorError that says how to get one. */
export async function findRedis(path: string): Promise<string> {
  for (const folder of path.split(delimiter).filter((text) => text !== "")) {
    for (const name of PROGRAMS) {
      const program = join(folder, name);
      if (await isProgram(program)) return program;
    }
  }
  throw new OperatorError(
    "There is no Redis: install one (Debian and Ubuntu: `apt-get install redis-server`, macOS: `brew install redis`), or set REDIS_URL.",
  );
}

const isProgram = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

interface Options {
  readonly program: string;
  readonly password: string;
  readonly say: (line: string) => void;
}

/** Starts a Redis for this machine only that keeps nothing, and again on the same port whenever it dies. It dies with this process. */
export async function startLastingRedis({ program, password, say }: Options): Promise<LastingRedis> {
  const port = await freePort();
  let child = await launch(program, port, password);
  const stopping = new AbortController();
  const watch = async (): Promise<void> => {
    for (;;) {
      await ended(child);
      if (stopping.signal.aborted) return;
      say("Redis has died and is started again");
      child = await launchAgain(() => launch(program, port, password), say);
    }
  };
  const watched = watch();
  return {
    url: `redis://:${password}@127.0.0.1:${port}`,
    async stop() {
      stopping.abort();
      child.kill("SIGTERM");
      await watched;
    },
  };
}

async function launchAgain(start: () => Promise<ChildProcess>, say: (line: string) => void): Promise<ChildProcess> {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      return await start();
    } catch (error) {
      say(`Redis does not start again: ${(error as Error).message}`);
      await sleep(pause);
    }
  }
}

// The configuration goes in over stdin, so that the password is in no file and in no list of processes.
const settings = (port: number, password: string): string => `port ${port}
bind 127.0.0.1
requirepass ${password}
save ""
appendonly no
daemonize no
maxmemory 256mb
maxmemory-policy allkeys-lru
client-output-buffer-limit pubsub 64mb 32mb 60
`;

async function launch(program: string, port: number, password: string): Promise<ChildProcess> {
  const child = spawn("sh", ["-c", SCRIPT, "sh", program, "-"], {
    cwd: "/",
    detached: true,
    env: { PATH: "/usr/local/bin:/usr/bin:/bin" },
    stdio: ["pipe", "ignore", "ignore", "pipe"],
  });
  await once(child, "spawn");
  child.stdin!.on("error", () => child.stdin!.destroy());
  child.stdin!.end(settings(port, password));
  const leash = child.stdio[3] as Socket;
  leash.on("error", () => leash.destroy());
  void ended(child).then(() => leash.end("\n"));
  const deadline = Date.now() + READY_WITHIN;
  while (!(await answers(port))) {
    if (hasEnded(child) || Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new OperatorError(`${program} does not start on port ${port}: try it by hand, or set REDIS_URL.`);
    }
    await sleep(10);
  }
  return child;
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

const ended = async (child: ChildProcess): Promise<void> => {
  if (!hasEnded(child)) await once(child, "exit");
};

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, "127.0.0.1");
    socket.once("connect", () => socket.write("PING\r\n"));
    // Without a password it refuses us, and so shows that it lives.
    socket.once("data", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("data", () => socket.destroy());
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
