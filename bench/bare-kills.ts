import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Context, type Middleware, ServiceBroker } from "moleculer";
import { readConfig } from "../lib/config.ts";
import { brokerOptions } from "../moleculer.config.ts";
import { eventually } from "../test/support/eventually.ts";
import { startRedis } from "../test/support/redis.ts";
import { now } from "./clock.ts";
import { openLoop } from "./open-loop.ts";

/** Calls, half of them safe and half keyed. */
export const PER_SECOND = 500;
/** A node that is still called this long after its death is called for ever. */
const AFTERWARDS = 2_000;

export interface Kill {
  /** Milliseconds from the death to the last call that was still sent to the dead node. */
  readonly noticed: number;
  /** Milliseconds that the slowest call took around the kill. */
  readonly slowest: number;
  readonly calls: number;
  readonly failures: readonly string[];
}

interface Call {
  readonly due: number;
  readonly ended: number;
  readonly failure: string | null;
}

interface Sent {
  readonly nodeId: string;
  readonly at: number;
}

/** A node that calls, and what it has sent to whom. */
interface Caller {
  readonly broker: ServiceBroker;
  readonly sent: Sent[];
  /** Where the nodes that it calls find it. */
  readonly environment: Readonly<Record<string, string>>;
}

interface Callee {
  readonly name: string;
  readonly child: ChildProcess;
}

/** Kills one of two nodes, again and again, each in the place of which a new one is started. */
export async function killBareNodes(count: number): Promise<Kill[]> {
  await using redis = await startRedis();
  const caller = await startCaller(redis.url);
  const callees = [await startCallee(caller, "callee-0"), await startCallee(caller, "callee-1")];
  const kills: Kill[] = [];
  while (kills.length < count) {
    const victim = callees.shift()!;
    kills.push(await killOne(caller, victim, [victim, ...callees]));
    callees.push(await startCallee(caller, `callee-${kills.length + 1}`));
  }
  for (const { child } of callees) await killed(child);
  await caller.broker.stop();
  return kills;
}

async function startCaller(url: string): Promise<Caller> {
  const sent: Sent[] = [];
  const noting: object = {
    remoteAction: (next: (ctx: Context) => Promise<unknown>) => (ctx: Context) => {
      sent.push({ nodeId: ctx.nodeID ?? "", at: now() });
      return next(ctx);
    },
  };
  const bus = { REDIS_URL: url, BUS_KEY: randomBytes(32).toString("hex"), BRICKWORK_NAMESPACE: "bench" };
  const environment = { ...bus, PATH: process.env.PATH ?? "", LOG_LEVEL: "fatal" };
  const options = brokerOptions(readConfig({}, environment));
  const middlewares = [...(options.middlewares ?? []), noting as Middleware];
  const broker = new ServiceBroker({ ...options, nodeID: "caller", middlewares, stopped: async () => {} });
  await broker.start();
  return { broker, sent, environment };
}

async function startCallee({ broker, environment }: Caller, name: string): Promise<Callee> {
  const child = fork(join(import.meta.dirname, "kills.worker.ts"), [name], { env: environment });
  await once(child, "message");
  await eventually(() => {
    if (!broker.registry.hasService("work", name)) throw new Error(`${name} is not known yet`);
  });
  return { name, child };
}

async function killOne({ broker, sent }: Caller, victim: Callee, callees: readonly Callee[]): Promise<Kill> {
  sent.length = 0;
  const stop = new AbortController();
  const calls: Call[] = [];
  const load = openLoop(PER_SECOND, stop.signal, (due) => call(broker, due, calls));
  await eventually(() => {
    const idle = callees.find(({ name }) => !sent.some(({ nodeId }) => nodeId === name));
    if (idle) throw new Error(`${idle.name} was not called yet`);
  });
  const died = await killed(victim.child);
  await sleep(AFTERWARDS);
  stop.abort();
  await load;
  const last = Math.max(died, ...sent.filter(({ nodeId }) => nodeId === victim.name).map(({ at }) => at));
  return {
    noticed: last - died,
    slowest: Math.max(...calls.map(({ due, ended }) => ended - due)),
    calls: calls.length,
    failures: calls.flatMap(({ failure }) => failure ?? []),
  };
}

/** Answers when it died. */
async function killed(child: ChildProcess): Promise<number> {
  const gone = once(child, "exit");
  const at = now();
  child.kill("SIGKILL");
  await gone;
  return at;
}

async function call(broker: ServiceBroker, due: number, calls: Call[]): Promise<void> {
  const name = Math.random() < 0.5 ? "work.read" : "work.keep";
  const failure = await broker.call(name).then(
    () => null,
    (error: Error) => `${name}: ${error.name}: ${error.message}`,
  );
  calls.push({ due, ended: now(), failure });
}
