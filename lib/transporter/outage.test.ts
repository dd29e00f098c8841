import { expect, test } from "@jest/globals";
import { eventually } from "../../test/support/eventually.ts";
import { startProxy } from "../../test/support/proxy.ts";
import { startRedis } from "../../test/support/redis.ts";
import { countersOf, ending, openBus } from "./bus.support.ts";

const services = [
  {
    name: "peer",
    actions: { echo: ({ params }: { params: unknown }) => params, hang: () => new Promise(() => {}) },
    events: { chatter() {} },
  },
];

test("Redis is killed and comes back: calls work again within 5 s, and what was lost meanwhile is counted", async () => {
  await using redis = await startRedis();
  await using bus = openBus("ours", redis.url);
  const [caller, callee] = [bus.node("caller"), bus.node("callee", { services })];
  await Promise.all([caller.start(), callee.start()]);
  await caller.waitForServices("peer", 10_000, 10);
  const waiting = [1, 2, 3].map(() => ending(caller.call("peer.hang")));
  await caller.call("peer.echo");
  await redis.kill();
  for (const { type } of await Promise.all(waiting)) expect(type).toBe("REQUEST_REJECTED");
  // Nobody looks at this promise. A rejection of it would fail the test.
  void caller.broadcast("chatter", {});
  expect((await ending(caller.call("peer.echo"))).type).toBe("BAD_GATEWAY");
  await redis.start();
  const back = performance.now();
  expect(await eventually(() => caller.call("peer.echo", { hello: 1 }, { timeout: 500 }))).toEqual({ hello: 1 });
  expect(performance.now() - back).toBeLessThan(5_000);
  expect(countersOf(caller)).toMatchObject({ lostLinks: 1, lostAnswers: 3, lostEvents: 1 });
  expect(caller.transit!.pendingRequests.size).toBe(0);
});

test("a Redis that says nothing any more is given up within seconds, though it closes no connection", async () => {
  await using redis = await startRedis();
  await using bus = openBus("ours", redis.url);
  const [caller, callee] = [bus.node("caller"), bus.node("callee", { services })];
  await Promise.all([caller.start(), callee.start()]);
  await caller.waitForServices("peer", 10_000, 10);
  const waiting = ending(caller.call("peer.hang", {}, { timeout: 8_000 }));
  await caller.call("peer.echo");
  redis.freeze();
  const { type, after } = await waiting;
  expect(type).toBe("REQUEST_REJECTED");
  expect(after).toBeLessThan(6_000);
  redis.thaw();
  expect(await eventually(() => caller.call("peer.echo", { hello: 1 }, { timeout: 500 }))).toEqual({ hello: 1 });
});

test("a callee whose link drops while it works keeps nobody waiting", async () => {
  await using redis = await startRedis();
  await using proxy = await startProxy(redis.port);
  await using bus = openBus("ours", redis.url);
  const caller = bus.node("caller");
  const callee = bus.node("callee", { services, url: `redis://127.0.0.1:${proxy.port}` });
  await Promise.all([caller.start(), callee.start()]);
  await caller.waitForServices("peer", 10_000, 10);
  const waiting = ending(caller.call("peer.hang"));
  await caller.call("peer.echo");
  proxy.cut();
  const { type, after } = await waiting;
  expect(type).toBe("REQUEST_REJECTED");
  expect(after).toBeLessThan(500);
  expect(await eventually(() => caller.call("peer.echo", { hello: 1 }))).toEqual({ hello: 1 });
});

test("a slow network makes calls slow and nothing else", async () => {
  await using redis = await startRedis();
  await using proxy = await startProxy(redis.port);
  await using bus = openBus("ours", redis.url);
  const caller = bus.node("caller", { url: `redis://127.0.0.1:${proxy.port}` });
  await Promise.all([caller.start(), bus.node("callee", { services }).start()]);
  await caller.waitForServices("peer", 10_000, 10);
  proxy.delay(150);
  const answers = await Promise.all(Array.from({ length: 20 }, (_, number) => caller.call("peer.echo", { number })));
  expect(answers).toEqual(Array.from({ length: 20 }, (_, number) => ({ number })));
  expect(countersOf(caller)).toMatchObject({ lostLinks: 0, lostPeers: 0, lostAnswers: 0, replayed: 0 });
});
