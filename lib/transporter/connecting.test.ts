import { afterEach, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { eventually } from "../../test/support/eventually.ts";
import { startProxy } from "../../test/support/proxy.ts";
import { freePort, startRedis } from "../../test/support/redis.ts";
import { connections, countersOf, openBus, subscriberCount } from "./bus.support.ts";

const subscribers: Redis[] = [];
afterEach(() => {
  for (const subscriber of subscribers.splice(0)) subscriber.disconnect();
});

test("a node waits for a Redis that is not there yet, and then has one pair of connections", async () => {
  await using redis = await startRedis();
  await redis.kill();
  await using bus = openBus("ours", redis.url);
  const node = bus.node("early");
  const started = node.start();
  await eventually(() => expect(node.transit!.tx.connected).toBe(false));
  await redis.start();
  await started;
  expect(await connections(redis)).toBe(2);
  expect(node.transit!.isReady).toBe(true);
});

test("connections refused again and again, one of the pair or both, end in one pair", async () => {
  await using redis = await startRedis();
  await using proxy = await startProxy(redis.port);
  await using bus = openBus("ours", `redis://127.0.0.1:${proxy.port}`);
  proxy.refuse((number) => [1, 4, 5, 6].includes(number));
  await bus.node("patient").start();
  expect(proxy.asked).toBeGreaterThan(6);
  await eventually(() => expect(proxy.open).toBe(2));
  expect(await connections(redis)).toBe(2);
  expect(await subscriberCount(redis, bus.channel("REQ", "patient"))).toBe(1);
});

test("a node that is stopped while it waits for Redis stops trying", async () => {
  const port = await freePort();
  const bus = openBus("ours", `redis://127.0.0.1:${port}`);
  const node = bus.node("impatient");
  void node.start();
  await bus[Symbol.asyncDispose]();
  expect(node.transit!.tx.connected).toBe(false);
});

test("a node is not ready while somebody else listens on its channels", async () => {
  await using redis = await startRedis();
  await using bus = openBus("ours", redis.url);
  const other = new Redis(redis.port);
  subscribers.push(other);
  await other.subscribe(bus.channel("REQ", "node"));
  const said: string[] = [];
  const node = bus.node("node");
  node.transit!.tx.logger.warn = (message: string) => void said.push(message);
  const started = node.start();
  await eventually(() => expect(said.join()).toMatch(/REQ\.node has 2 subscribers instead of one/));
  expect(node.transit!.isReady).toBe(false);
  await other.unsubscribe();
  await started;
  expect(node.transit!.isReady).toBe(true);
});

test("a connection that only Redis still believes in is noticed within seconds and cut off", async () => {
  await using redis = await startRedis();
  await using proxy = await startProxy(redis.port);
  await using bus = openBus("ours", redis.url);
  const callee = bus.node("callee", {
    url: `redis://127.0.0.1:${proxy.port}`,
    services: [{ name: "peer", actions: { echo: () => "hello" } }],
  });
  const caller = bus.node("caller");
  await Promise.all([caller.start(), callee.start()]);
  await caller.waitForServices("peer", 10_000, 10);
  proxy.swallow(true);
  await eventually(() => expect(countersOf(callee).lostLinks).toBe(1));
  expect(await subscriberCount(redis, bus.channel("REQ", "callee"))).toBe(1);
  proxy.swallow(false);
  await eventually(() => expect(callee.transit!.connected).toBe(true));
  expect(await subscriberCount(redis, bus.channel("REQ", "callee"))).toBe(1);
  expect(await caller.call("peer.echo")).toBe("hello");
});

test("in a Redis Cluster, where a node knows only its own subscribers, calls work and no count is believed", async () => {
  await using redis = await startRedis(["--cluster-enabled", "yes"]);
  await using bus = openBus("ours", redis.url);
  const callee = bus.node("callee", { services: [{ name: "peer", actions: { echo: () => "hello" } }] });
  const caller = bus.node("caller");
  await Promise.all([caller.start(), callee.start()]);
  await caller.waitForServices("peer", 10_000, 10);
  expect(await caller.call("peer.echo")).toBe("hello");
  await callee.transit!.tx.disconnect();
  await expect(caller.call("peer.echo", {}, { timeout: 300 })).rejects.toMatchObject({ type: "REQUEST_TIMEOUT" });
});
