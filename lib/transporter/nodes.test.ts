import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect, test } from "@jest/globals";
import { eventually } from "../../test/support/eventually.ts";
import { someRedis } from "../../test/support/redis.ts";
import { countersOf, killed, openBus } from "./bus.support.ts";

test("three nodes find each other, tell each other of new services, keep in touch and say goodbye", async () => {
  await using redis = await someRedis();
  await using bus = openBus("ours", redis.url);
  const nodes = ["one", "two", "three"].map((name) => bus.node(name, { heartbeatInterval: 1, heartbeatTimeout: 3 }));
  const [one, two, three] = nodes as [(typeof nodes)[0], (typeof nodes)[0], (typeof nodes)[0]];
  await Promise.all(nodes.map((node) => node.start()));
  const seenBy = (node: (typeof nodes)[0]) => node.registry.nodes.list({ onlyAvailable: true }).map(({ id }) => id);
  for (const node of nodes) await eventually(() => expect(seenBy(node).toSorted()).toEqual(["one", "three", "two"]));

  three.createService({ name: "late", actions: { who: () => "three" } });
  await Promise.all([one, two].map((node) => node.waitForServices("late", 5_000, 10)));
  expect(await two.call("late.who")).toBe("three");

  const beats: unknown[] = [];
  const { discoverer } = one.transit!;
  const received = discoverer.heartbeatReceived.bind(discoverer);
  discoverer.heartbeatReceived = (node, payload) => {
    beats.push(node);
    received(node, payload);
  };
  await eventually(() => expect(new Set(beats)).toEqual(new Set(["two", "three"])));
  expect(await one.ping("two")).toMatchObject({ nodeID: "two" });

  await three.stop();
  for (const node of [one, two]) await eventually(() => expect(seenBy(node).toSorted()).toEqual(["one", "two"]));
  for (const node of nodes) {
    expect(countersOf(node)).toMatchObject({ unsigned: 0, forged: 0, replayed: 0, publishErrors: 0, lostPeers: 0 });
  }
});

test("events reach every node that listens", async () => {
  await using redis = await someRedis();
  await using bus = openBus("ours", redis.url);
  const heard: string[] = [];
  const listener = (name: string) => [{ name: `listens-${name}`, events: { moved: () => void heard.push(name) } }];
  const [one, two] = [bus.node("one", { services: listener("one") }), bus.node("two", { services: listener("two") })];
  const sender = bus.node("sender");
  await Promise.all([one, two, sender].map((node) => node.start()));
  await sender.waitForServices(["listens-one", "listens-two"], 5_000, 10);
  await sender.broadcast("moved", {});
  await eventually(() => expect(heard.toSorted()).toEqual(["one", "two"]));
});

test("a stream arrives whole", async () => {
  await using redis = await someRedis();
  await using bus = openBus("ours", redis.url);
  const size = ({ stream }: { stream: Readable }) => buffer(stream).then(({ length }) => length);
  const callee = bus.node("callee", { services: [{ name: "files", actions: { size: size as never } }] });
  const caller = bus.node("caller");
  await Promise.all([caller.start(), callee.start()]);
  await caller.waitForServices("files", 5_000, 10);
  const stream = Readable.from(Array.from({ length: 20 }, () => Buffer.alloc(50_000)));
  expect(await caller.call("files.size", {}, { stream })).toBe(1_000_000);
});

test("when the node that a stream goes to is killed, the call and the stream end", async () => {
  await using redis = await someRedis();
  await using bus = openBus("ours", redis.url);
  const caller = bus.node("caller");
  const [, peer] = await Promise.all([caller.start(), bus.peer("peer")]);
  await caller.waitForServices("peer", 5_000, 10);
  const stream = new Readable({ read() {} });
  const call = caller.call("peer.hang", {}, { stream });
  stream.push("some of it");
  await killed(peer);
  await expect(call).rejects.toMatchObject({ type: "REQUEST_REJECTED" });
  expect(caller.registry.nodes.get("peer").available).toBe(false);
});

test("no node can read another one's key or password", async () => {
  await using redis = await someRedis();
  await using bus = openBus("ours", redis.url);
  const [one, two] = [bus.node("one"), bus.node("two")];
  await Promise.all([one.start(), two.start()]);
  await eventually(() => expect(one.registry.nodes.has("two")).toBe(true));
  const options = await one.call("$node.options", {}, { nodeID: "two" });
  expect(options).toMatchObject({ transporter: { type: "HardenedRedis" } });
  expect(JSON.stringify(options)).not.toContain("redis://");
});
