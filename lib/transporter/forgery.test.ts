import { expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import type { ServiceBroker } from "moleculer";
import { eventually } from "../../test/support/eventually.ts";
import { someRedis } from "../../test/support/redis.ts";
import { type Bus, countersOf, KEY, openBus } from "./bus.support.ts";
import { createSeal } from "./seal.ts";

/** Two nodes, and somebody who reads and writes on their Redis. */
interface Scene extends AsyncDisposable {
  readonly bus: Bus;
  readonly callee: ServiceBroker;
  readonly caller: ServiceBroker;
  readonly executed: unknown[];
  /** The next packet on a channel, as it went over the wire. */
  overhear(channel: string, during: () => Promise<unknown>): Promise<Buffer>;
  publish(channel: string, packet: Buffer | string): Promise<unknown>;
}

async function openScene(): Promise<Scene> {
  const redis = await someRedis();
  const bus = openBus("ours", redis.url);
  const executed: unknown[] = [];
  const services = [{ name: "pay", actions: { charge: ({ params }: { params: unknown }) => executed.push(params) } }];
  const [caller, callee] = [bus.node("caller"), bus.node("callee", { services })];
  await Promise.all([caller.start(), callee.start()]);
  await caller.waitForServices("pay", 10_000, 10);
  const [reads, writes] = [new Redis(redis.url), new Redis(redis.url)];
  return {
    bus,
    callee,
    caller,
    executed,
    async overhear(channel, during) {
      // A pattern is not counted as a subscriber, and so is not noticed.
      await reads.psubscribe(channel);
      const heard = new Promise<Buffer>((resolve) =>
        reads.once("pmessageBuffer", (_pattern, _channel, packet: Buffer) => resolve(packet)),
      );
      await during();
      const packet = await heard;
      await reads.punsubscribe();
      return packet;
    },
    publish: (channel, packet) => writes.publish(channel, packet),
    async [Symbol.asyncDispose]() {
      reads.disconnect();
      writes.disconnect();
      await bus[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
    },
  };
}

const request = { ver: "5", sender: "caller", id: "forged", action: "pay.charge", params: {}, level: 1, timeout: 0 };
const asAdmin = JSON.stringify({ ...request, meta: { caller: { kind: "admin" } } });

test("a request without a signature is dropped, counted and logged without its content", async () => {
  await using scene = await openScene();
  const said: string[] = [];
  scene.callee.transit!.tx.logger.warn = (line: string) => void said.push(line);
  for (let packet = 0; packet < 50; packet++) await scene.publish(scene.bus.channel("REQ", "callee"), asAdmin);
  await eventually(() => expect(countersOf(scene.callee).unsigned).toBe(50));
  expect(scene.executed).toEqual([]);
  expect(said).toHaveLength(1);
  expect(said[0]).not.toMatch(/admin/);
});

test("a request signed with another key is dropped, one signed with ours is not", async () => {
  await using scene = await openScene();
  const channel = scene.bus.channel("REQ", "callee");
  await scene.publish(channel, createSeal("the key of somebody else, of good length").close(channel, [Buffer.from(asAdmin)]));
  await eventually(() => expect(countersOf(scene.callee).forged).toBe(1));
  expect(scene.executed).toEqual([]);
  await scene.publish(channel, createSeal(KEY).close(channel, [Buffer.from(asAdmin)]));
  await eventually(() => expect(scene.executed).toEqual([{}]));
});

test("a request that was overheard cannot be sent again, changed, or sent to another node", async () => {
  await using scene = await openScene();
  const { bus, caller, callee, executed } = scene;
  const channel = bus.channel("REQ", "callee");
  const packet = await scene.overhear(channel, () => caller.call("pay.charge", { amount: 100 }));
  expect(executed).toEqual([{ amount: 100 }]);

  await scene.publish(channel, packet);
  await eventually(() => expect(countersOf(callee).replayed).toBe(1));
  const amount = packet.indexOf("100");
  const changed = Buffer.from(packet);
  changed.write("999", amount);
  await scene.publish(channel, changed);
  await eventually(() => expect(countersOf(callee).forged).toBe(1));
  await scene.publish(bus.channel("REQ", "caller"), packet);
  await eventually(() => expect(countersOf(caller).forged).toBe(1));
  await scene.publish(bus.channel("EVENT", "callee"), packet);
  await eventually(() => expect(countersOf(callee).forged).toBe(2));
  expect(executed).toEqual([{ amount: 100 }]);
});

test("an overheard request is worth nothing to the next life of its target, which has another name", async () => {
  await using scene = await openScene();
  const { bus, caller } = scene;
  const packet = await scene.overhear(bus.channel("REQ", "callee"), () => caller.call("pay.charge", { amount: 100 }));
  await scene.callee.stop();
  const executed: unknown[] = [];
  const services = [{ name: "pay", actions: { charge: ({ params }: { params: unknown }) => executed.push(params) } }];
  const next = bus.node("callee-of-another-start", { services });
  await next.start();
  await scene.publish(bus.channel("REQ", "callee-of-another-start"), packet);
  await eventually(() => expect(countersOf(next).forged).toBe(1));
  expect(executed).toEqual([]);
});

test("a heartbeat or a farewell that was overheard cannot be sent again", async () => {
  await using scene = await openScene();
  const { bus, caller, callee } = scene;
  const channel = bus.channel("HEARTBEAT");
  const packet = await scene.overhear(channel, () => callee.transit!.sendHeartbeat(callee.registry.nodes.localNode!));
  await scene.publish(channel, packet);
  await eventually(() => expect(countersOf(caller).replayed).toBe(1));
  await scene.publish(bus.channel("DISCONNECT"), JSON.stringify({ ver: "5", sender: "callee" }));
  await eventually(() => expect(countersOf(caller).unsigned).toBe(1));
  expect(await caller.call("pay.charge")).toBe(1);
});
