import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { type BrokerOptions, ServiceBroker } from "moleculer";
import { HardenedRedis } from "../lib/transporter/hardened-redis.ts";
import { payloadsOf, type Seal, withPayloads } from "../lib/transporter/seal.ts";

// One side of one way to call, in a process of its own. Arguments: way, side, URL of Redis, namespace. It says "ready", and then
// measures as often as its parent asks.

/** Ways to send a request and get its answer. */
export type Way = "raw" | "stock" | "unsigned" | "ours";

/** What a caller is asked: for how long, with how many calls at once. */
export interface Ask {
  readonly milliseconds: number;
  readonly atOnce: number;
}

/** What it answers. */
export interface Measured {
  readonly calls: number;
  readonly seconds: number;
  /** Microseconds of one call. */
  readonly p50: number;
  readonly p99: number;
}

const [way = "", side = "", url = "", namespace = ""] = process.argv.slice(2);
const KEY = "the key of this measurement, which is no secret";
const INPUT = { cartId: "cart_0123456789", lines: [{ sku: "mug-blue", quantity: 2 }], note: "x".repeat(64) };

// The same packets as ours, but for the signature.
const noSeal: Seal = { close: (_channel, payloads) => withPayloads(payloads), open: (_channel, packet) => payloadsOf(packet) };

function options(): BrokerOptions {
  const { hostname: host, port } = new URL(url);
  const transporters = {
    stock: () => ({ type: "Redis" as const, options: { host, port: Number(port) } }),
    unsigned: () => new HardenedRedis({ url, key: KEY }, noSeal),
    ours: () => new HardenedRedis({ url, key: KEY }),
  };
  return {
    namespace,
    nodeID: side,
    transporter: transporters[way as keyof typeof transporters](),
    logger: false,
    validator: false,
    requestTimeout: 10_000,
    skipProcessEventRegistration: true,
  };
}

/** A function that makes one call; on the callee's side it does nothing. */
async function overMoleculer(): Promise<() => Promise<unknown>> {
  const broker = new ServiceBroker(options());
  if (side === "callee") broker.createService({ name: "echo", actions: { back: ({ params }: { params: unknown }) => params } });
  await broker.start();
  if (side === "caller") await broker.waitForServices("echo", 20_000, 20);
  return () => broker.call("echo.back", INPUT);
}

async function overRedisAlone(): Promise<() => Promise<unknown>> {
  const [pub, sub] = [new Redis(url), new Redis(url)];
  const waiting = new Map<string, (answer: unknown) => void>();
  await sub.subscribe(`${namespace}.${side}`);
  sub.on("message", (_channel: string, text: string) => {
    const { id, input } = JSON.parse(text) as { id: string; input: unknown };
    if (side === "callee") return void pub.publish(`${namespace}.caller`, JSON.stringify({ id, input }));
    waiting.get(id)?.(input);
    waiting.delete(id);
  });
  return () =>
    new Promise((resolve) => {
      const id = randomBytes(8).toString("hex");
      waiting.set(id, resolve);
      void pub.publish(`${namespace}.callee`, JSON.stringify({ id, input: INPUT }));
    });
}

async function measure(call: () => Promise<unknown>, { milliseconds, atOnce }: Ask): Promise<Measured> {
  const times: number[] = [];
  const start = performance.now();
  const one = async () => {
    for (let now = performance.now(); now < start + milliseconds; now = performance.now()) {
      await call();
      times.push((performance.now() - now) * 1_000);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  const seconds = (performance.now() - start) / 1_000;
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN;
  return { calls: times.length, seconds, p50: at(0.5), p99: at(0.99) };
}

const call = await (way === "raw" ? overRedisAlone() : overMoleculer());
process.on("message", (ask: Ask | "cpu") => {
  const { user, system } = process.cpuUsage();
  if (ask === "cpu") process.send!((user + system) / 1e6);
  else void measure(call, ask).then((measured) => process.send!(measured));
});
process.on("disconnect", () => process.exit());
process.send!("ready");
