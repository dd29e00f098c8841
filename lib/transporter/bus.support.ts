import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type BrokerOptions, ServiceBroker, type ServiceSchema } from "moleculer";
import type { TestRedis } from "../../test/support/redis.ts";
import { busCounters, hardenedRedis } from "../transporter.ts";

/** Whose transporter a scenario runs on: Moleculer's own shows the trap, ours must not. */
export type Kind = "stock" | "ours";

export const KEY = "the key that the nodes of a test share";

/** A bus of the test's own on a Redis. */
export interface Bus extends AsyncDisposable {
  /** A node, not started yet. It is stopped with the bus. */
  node(name: string, options?: Partial<BrokerOptions> & { url?: string; services?: ServiceSchema[] }): ServiceBroker;
  /** A node in a process of its own, with the service `peer` of peer.fixture.ts. Resolves when it has started. It is killed with the bus. */
  peer(name: string, options?: { url?: string }): Promise<ChildProcess>;
  /** Whole channel names, such as that of `REQ` of a node. */
  channel(type: string, node?: string): string;
}

/** Makes a bus on the Redis at a URL. */
export function openBus(kind: Kind, url: string): Bus {
  const namespace = `test-${randomBytes(4).toString("hex")}`;
  const brokers: ServiceBroker[] = [];
  const peers: ChildProcess[] = [];
  return {
    node(name, { url: where = url, services = [], ...options } = {}) {
      const broker = new ServiceBroker({ ...optionsOf(kind, where, namespace), nodeID: name, ...options });
      for (const schema of services) broker.createService(schema);
      brokers.push(broker);
      return broker;
    },
    async peer(name, { url: where = url } = {}) {
      const child = spawn(process.execPath, [join(import.meta.dirname, "peer.fixture.ts"), kind, where, namespace, name], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      peers.push(child);
      process.once("exit", () => child.kill("SIGKILL"));
      for await (const line of createInterface(child.stdout)) if (line === "ready") return child;
      throw new Error(`the peer ended before it was ready: ${String(child.stderr.read())}`);
    },
    channel: (type, node) => `MOL-${namespace}.${type}${node ? `.${node}` : ""}`,
    async [Symbol.asyncDispose]() {
      for (const peer of peers) await killed(peer);
      for (const broker of brokers) await broker.stop();
    },
  };
}

/** Options of a broker of either kind. */
export function optionsOf(kind: Kind, url: string, namespace: string): BrokerOptions {
  return {
    namespace,
    transporter: kind === "ours" ? hardenedRedis({ url, key: KEY }) : { type: "Redis", options: parts(url) },
    logger: false,
    requestTimeout: 5_000,
    heartbeatInterval: 2,
    heartbeatTimeout: 6,
    transit: { serviceChangedDebounceTime: 20 } as BrokerOptions["transit"] & object,
    skipProcessEventRegistration: true,
  };
}

// The stock transporter takes a URL as well, but its types do not.
function parts(url: string) {
  const { hostname, port, username, password } = new URL(url);
  return { host: hostname, port: Number(port || 6379), ...(username && { username, password }) };
}

/** SIGKILL, and the wait for the end. */
export async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

/** What our transporter of a broker has counted. */
export const countersOf = (broker: ServiceBroker) => busCounters(broker)!;

/** How many connections a Redis has, without the one that asks. */
export const connections = async (redis: TestRedis): Promise<number> =>
  String(await redis.ask("CLIENT", "LIST"))
    .split("\n")
    .filter((line) => line && !line.includes("cmd=client")).length;

/** How many are subscribed to a channel. */
export const subscriberCount = async (redis: TestRedis, channel: string): Promise<number> =>
  Number(((await redis.ask("PUBSUB", "NUMSUB", channel)) as [string, number])[1]);

/** How a call ended, and after how many milliseconds. */
export async function ending(
  call: Promise<unknown>,
): Promise<{ type: string; message: string; retryable: boolean; after: number }> {
  const start = performance.now();
  const after = () => performance.now() - start;
  return call.then(
    () => ({ type: "answered", message: "", retryable: false, after: after() }),
    ({ type, message, retryable }: { type: string; message: string; retryable: boolean }) => {
      return { type, message, retryable, after: after() };
    },
  );
}
