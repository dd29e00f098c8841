import { type DataFolder, openDataFolder } from "../lib/data-folder.ts";
import { startLastingPostgres } from "../lib/postgres/lasting.ts";
import type { Attached, Holdings, KeeperOptions, Launch } from "./keeper-contract.ts";
import { holdAddress } from "./listening.ts";
import { LogFiles } from "./log-files.ts";
import { Processes } from "./processes.ts";
import { findRedis, startLastingRedis } from "./redis.ts";
import { type Answering, type Door, openDoor, type Peer, Refusal, socketPath } from "./wire.ts";

/** What outlives a supervisor: the data folder's lock, PostgreSQL, Redis, the listening socket, and the nodes' processes. */
export interface Keeper {
  /** Ends the nodes in order, then everything else. */
  end(): Promise<void>;
  /** Resolves when all of it is over. */
  readonly ended: Promise<void>;
}

interface Base {
  readonly holdings: Holdings;
  readonly listening: number;
  close(): Promise<void>;
}

/** Opens the data folder and everything in it. Throws an OperatorError that says what to mend. */
export async function openKeeper(options: KeeperOptions): Promise<Keeper> {
  const folder = await openDataFolder(options.data);
  const logs = await LogFiles.in(folder.path);
  let door: Door | undefined;
  const say = (line: string): void => {
    logs.write("keeper", `${new Date().toISOString()} ${line}\n`);
    door?.tell("said", line);
  };
  const base = await openBase(folder, options, say);
  const { drainTime } = options;
  const processes = new Processes({ logs, listening: base.listening, drainTime, onEnd: (ended) => door?.tell("ended", ended) });
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  let ending: Promise<void> | undefined;
  const endAll = async (): Promise<void> => {
    await processes.end();
    await base.close();
    await door?.close();
    resolve();
  };
  const end = (): Promise<void> => (ending ??= endAll());
  door = await openDoor(socketPath(folder.path, "keeper"), answering({ holdings: base.holdings, processes, end }));
  return { end, ended };
}

async function openBase(folder: DataFolder, options: KeeperOptions, say: (line: string) => void): Promise<Base> {
  const closing: (() => Promise<void> | void)[] = [() => folder.close()];
  const close = async (): Promise<void> => {
    for (const step of closing.toReversed()) await step();
  };
  try {
    const keys = await keysOf(folder, options);
    // Looked for first: who lacks it shall not wait for the rest.
    const program = options.redisUrl ? "" : await findRedis(options.path);
    const listening = await holdAddress(options.host, options.port);
    closing.push(() => listening.close());
    const postgres = options.databaseUrl ? undefined : await startLastingPostgres(folder, say);
    if (postgres) closing.push(() => postgres.stop());
    const password = await folder.secret("redis-password");
    const redis = options.redisUrl ? undefined : await startLastingRedis({ program, password, say });
    if (redis) closing.push(() => redis.stop());
    const databaseUrl = options.databaseUrl ?? postgres!.url;
    const redisUrl = options.redisUrl ?? redis!.url;
    const { namespace } = options;
    const holdings = { pid: process.pid, namespace, url: listening.url, databaseUrl, redisUrl, ...keys };
    return { holdings, listening: listening.fd, close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Keys = Pick<Holdings, "adminKey" | "adminKeyPath" | "shopSecret" | "busKey">;

const keysOf = async (folder: DataFolder, { adminKey, shopSecret, busKey }: KeeperOptions): Promise<Keys> => ({
  adminKey: adminKey ?? (await folder.secret("admin-key")),
  adminKeyPath: adminKey ? null : `${folder.path}/admin-key`,
  shopSecret: shopSecret ?? (await folder.secret("shop-secret")),
  busKey: busKey ?? (await folder.secret("bus-key")),
});

interface Desk {
  readonly holdings: Holdings;
  readonly processes: Processes;
  readonly end: () => Promise<void>;
}

function answering({ holdings, processes, end }: Desk): Answering {
  let supervisor: Peer | undefined;
  let memo: unknown = null;
  const attach = (peer: Peer): Attached => {
    if (supervisor) throw new Refusal("A supervisor runs already on this data folder.", "conflict");
    supervisor = peer;
    void peer.gone.then(() => (supervisor = undefined));
    return { kept: processes.list(), memo };
  };
  const methods: Record<string, (params: never, peer: Peer) => unknown> = {
    holdings: () => holdings,
    list: () => processes.list(),
    attach: (_: unknown, peer) => attach(peer),
    remember: (given: unknown) => void (memo = given),
    start: (launch: Launch) => processes.start(launch),
    signal: ({ nodeId, name }: { nodeId: string; name: NodeJS.Signals }) => processes.signal(nodeId, name),
    alone: () => !supervisor,
    drain: () => processes.end(),
    // Whoever asks waits for the connection's end: by then everything is over.
    end: () => void end(),
  };
  return async (method, params, peer) => {
    const known = methods[method];
    if (!known) throw new Refusal(`A keeper does not know "${method}".`);
    return (await known(params as never, peer)) ?? null;
  };
}
