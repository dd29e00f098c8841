import { strict as assert } from "node:assert";
import { eventually } from "../../test/support/eventually.ts";
import { startProxy } from "../../test/support/proxy.ts";
import { startRedis } from "../../test/support/redis.ts";
import { connections, ending, type Kind, killed, openBus, subscriberCount } from "./bus.support.ts";

// Run by tests as a process of its own, since the stock transporter leaves rejections that nobody handles and connections that
// nobody closes. Arguments: the scenario, the kind of transporter. Prints what it saw as JSON.

const runs = (charge: () => unknown) => [{ name: "pay", actions: { charge, hang: () => new Promise(() => {}) } }];

/** Trap 1: the second connection that the callee makes is reset, once. */
async function failedConnect(kind: Kind): Promise<object> {
  await using redis = await startRedis();
  await using proxy = await startProxy(redis.port);
  await using bus = openBus(kind, redis.url);
  let executions = 0;
  const callee = bus.node("callee", { url: `redis://127.0.0.1:${proxy.port}`, services: runs(() => ++executions) });
  const caller = bus.node("caller");
  proxy.refuse((number) => number === 2);
  await Promise.all([caller.start(), callee.start()]);
  await caller.waitForServices("pay", 10_000, 10);
  // The stock transporter tries again after five seconds.
  const subscribers = await eventually(async () => {
    const count = await subscriberCount(redis, bus.channel("REQ", "callee"));
    if (kind === "stock") assert.equal(count, 2);
    return count;
  });
  for (let call = 0; call < 10; call++) await caller.call("pay.charge");
  await caller.ping("callee");
  return { subscribers, executions };
}

/** Trap 2: Redis restarts three times. */
async function restarts(kind: Kind): Promise<object> {
  await using redis = await startRedis();
  const bus = openBus(kind, redis.url);
  const [caller, callee] = [bus.node("caller", { requestTimeout: 200 }), bus.node("callee", { services: runs(() => "done") })];
  await Promise.all([caller.start(), callee.start()]);
  await caller.waitForServices("pay", 10_000, 10);
  const counts = [await connections(redis)];
  for (let restart = 1; restart <= 3; restart++) {
    await redis.kill();
    await redis.start();
    await eventually(async () => assert.ok((await connections(redis)) >= (kind === "stock" ? 4 + 2 * restart : 4)));
    await eventually(() => caller.call("pay.charge"));
    counts.push(await connections(redis));
  }
  await bus[Symbol.asyncDispose]();
  const left = await eventually(async () => {
    const count = await connections(redis);
    assert.ok(count <= (kind === "stock" ? 6 : 0));
    return count;
  });
  return { counts, left };
}

/** Trap 3: the caller's connections drop while a call waits, and cannot be made again for a while. */
async function linkLost(kind: Kind): Promise<object> {
  await using redis = await startRedis();
  await using proxy = await startProxy(redis.port);
  await using bus = openBus(kind, redis.url);
  const callee = bus.node("callee", { services: runs(() => "done") });
  const caller = bus.node("caller", { url: `redis://127.0.0.1:${proxy.port}` });
  await Promise.all([caller.start(), callee.start()]);
  await caller.waitForServices("pay", 10_000, 10);
  const told: string[] = [];
  caller.localBus.on("$transporter.disconnected", () => told.push("disconnected"));
  caller.localBus.on("$transporter.connected", () => told.push("connected"));
  const pending = ending(caller.call("pay.hang", {}, { timeout: 1_500 }));
  await caller.call("pay.charge");
  proxy.refuse(() => true);
  proxy.cut();
  const { type, after, retryable } = await pending;
  const next = await ending(caller.call("pay.charge"));
  proxy.refuse(() => false);
  await eventually(() => caller.call("pay.charge"));
  if (kind === "ours") await eventually(() => assert.equal(told.length, 2));
  return { type, after, retryable, next: next.type, nextAfter: next.after, told: [...told] };
}

/** A node is killed while one call waits for it; the next call has another node to go to. */
async function peerKilled(kind: Kind): Promise<object> {
  await using redis = await startRedis();
  await using bus = openBus(kind, redis.url);
  const caller = bus.node("caller");
  const [, doomed] = await Promise.all([caller.start(), bus.peer("doomed"), bus.peer("other")]);
  const names = new Set<unknown>();
  await eventually(async () => assert.equal(names.add(await caller.call("peer.who")).size, 2));
  const pending = ending(caller.call("peer.hang", {}, { nodeID: "doomed", timeout: 2_000 }));
  await caller.call("peer.who", {}, { nodeID: "doomed" });
  const start = performance.now();
  doomed.kill("SIGKILL");
  const { type, retryable, message } = await pending;
  const after = performance.now() - start;
  const next = [];
  for (let call = 0; call < 4; call++)
    next.push(await caller.call("peer.who", {}, { timeout: 300 }).catch(({ type: why }) => why));
  return { type, retryable, message, after, next };
}

/** A node was killed, nothing waited for it, and then it is called. */
async function nobodyThere(kind: Kind): Promise<object> {
  await using redis = await startRedis();
  await using bus = openBus(kind, redis.url);
  const caller = bus.node("caller");
  const [, doomed] = await Promise.all([caller.start(), bus.peer("doomed")]);
  await caller.waitForServices("peer", 10_000, 10);
  await killed(doomed);
  await eventually(async () => assert.equal(await subscriberCount(redis, bus.channel("REQ", "doomed")), 0));
  const first = await ending(caller.call("peer.echo", {}, { timeout: 1_500 }));
  const second = await ending(caller.call("peer.echo", {}, { timeout: 300 }));
  return { first, second: second.type, waiting: caller.transit!.pendingRequests.size };
}

/** Trap 5: a node is killed and another process starts under its name at once, while a call waits for the first. */
async function sameName(kind: Kind): Promise<object> {
  await using redis = await startRedis();
  await using bus = openBus(kind, redis.url);
  const caller = bus.node("caller");
  const [, doomed] = await Promise.all([caller.start(), bus.peer("worker")]);
  await caller.waitForServices("peer", 10_000, 10);
  const pending = ending(caller.call("peer.hang", {}, { timeout: 4_000 }));
  await caller.call("peer.echo");
  doomed.kill("SIGKILL");
  const start = performance.now();
  const [{ type }] = await Promise.all([
    pending.then((end) => ({ ...end, after: performance.now() - start })),
    bus.peer("worker"),
  ]);
  const answer = await eventually(() => caller.call("peer.who", {}, { timeout: 300 }));
  return { type, answer };
}

/** Somebody who can reach Redis, but has no key, calls an action as an administrator and sends a healthy node away. */
async function forgery(kind: Kind): Promise<object> {
  await using redis = await startRedis();
  await using bus = openBus(kind, redis.url);
  const seen: unknown[] = [];
  const charge = ({ meta }: { meta: unknown }) => seen.push(meta);
  const [victim, other] = [bus.node("victim", { services: runs(charge as () => unknown) }), bus.node("other")];
  await Promise.all([victim.start(), other.start()]);
  await other.waitForServices("pay", 10_000, 10);
  const packet = { ver: victim.PROTOCOL_VERSION, sender: "victim", id: "1", action: "pay.charge", params: {} };
  const forged = { ...packet, meta: { caller: { kind: "admin" } }, level: 1, timeout: 0 };
  await redis.ask("PUBLISH", bus.channel("REQ", "victim"), JSON.stringify(forged));
  // What is sent after it comes after it.
  await other.ping("victim");
  await redis.ask("PUBLISH", bus.channel("DISCONNECT"), JSON.stringify({ ver: packet.ver, sender: "victim" }));
  await victim.ping("other");
  return { seen, isStillThere: other.registry.nodes.get("victim").available };
}

/** Redis does not let the caller publish to the callee. */
async function publishRefused(kind: Kind): Promise<object> {
  await using redis = await startRedis();
  await using bus = openBus(kind, redis.url);
  const callee = bus.node("callee", { services: runs(() => "done") });
  const allowed = ["*.caller", "INFO*", "DISCOVER*", "HEARTBEAT", "DISCONNECT", "PING*"].map((name) => `&${bus.channel(name)}`);
  await redis.ask("ACL", "SETUSER", "limited", "on", ">secret", "+@all", "resetchannels", ...allowed);
  const caller = bus.node("caller", { url: redis.url.replace("//", "//limited:secret@") });
  await Promise.all([caller.start(), callee.start()]);
  await caller.waitForServices("pay", 10_000, 10);
  const { type, message, after } = await ending(caller.call("pay.charge", {}, { timeout: 1_000 }));
  return { type, message, after, isStillThere: caller.registry.nodes.get("callee").available };
}

const SCENARIOS = { failedConnect, restarts, linkLost, peerKilled, nobodyThere, sameName, forgery, publishRefused };

export type Scenario = keyof typeof SCENARIOS;

const [scenario = "", kind = ""] = process.argv.slice(2);
let unhandled = 0;
process.on("unhandledRejection", () => unhandled++);
const saw = await SCENARIOS[scenario as Scenario](kind as Kind);
process.stdout.write(`${JSON.stringify({ ...saw, unhandled })}\n`, () => process.exit());
