import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { join } from "node:path";
import * as things from "../test/support/things/contract.ts";
import thingsService from "../test/support/things/things.service.ts";
import { startNodes, type TestNodes } from "../test/support/nodes.ts";
import { eventually } from "../test/support/eventually.ts";
import { faultCode } from "./fault.ts";
import { kernelContract } from "./kernel-contract.ts";
import { on } from "./reactions.ts";
import { service } from "./service.ts";

let nodes: TestNodes;
beforeAll(async () => {
  nodes = await startNodes({ services: [], schemas: [thingsService] });
});
afterAll(async () => nodes[Symbol.asyncDispose]());

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => "ok",
    (error: unknown) => faultCode(error) ?? String(error),
  );

test("the same call gives the same answer from its own node and from another one", async () => {
  const input = { how: "mutates" as const, list: [1, 2] };
  const local = await nodes.inside.call(things.misbehave.name, input);
  expect(local).toEqual({ list: [1, 2, 99] });
  expect(await nodes.call(things.misbehave, input)).toEqual(local);
  expect(input.list).toEqual([1, 2]);
});

test("an input that breaks the contract is refused, a field that it does not know is dropped on the bus", async () => {
  expect(await codeOf(nodes.call(things.addThing, { name: "" }))).toBe("invalid");
  const stranger = { name: "first", stranger: true };
  expect(await nodes.call(things.addThing, stranger)).toEqual({ name: "first", count: 1 });
});

test("from outside unknown fields are refused, also deep inside, and text becomes what the contract wants", async () => {
  await nodes.call(things.addThing, { name: "a" });
  const path = { path: ["name"] };
  expect(await codeOf(nodes.request(things.readThing, { name: "a\u0000" }, path))).toBe("malformed");
  const was = await nodes.call(things.readThing, { name: "a" });
  expect(await codeOf(nodes.request(things.addThing, { name: "a", price: 1 }, path))).toBe("invalid");
  expect(await codeOf(nodes.request(things.readThing, { name: "a", deep: { wanted: true, more: 1 } }, path))).toBe("invalid");
  expect(await codeOf(nodes.request(things.readThing, { name: "a", limit: "x" }, { ...path, query: ["limit"] }))).toBe(
    "malformed",
  );
  expect(await codeOf(nodes.request(things.readThing, { name: "a".repeat(30) }, path))).toBe("not_found");
  expect(await nodes.request(things.readThing, { name: "a", limit: "5" }, { ...path, query: ["limit"] })).toEqual(was);
});

test("an unexpected error reaches nobody: not its text, not its stack", async () => {
  for (const how of ["throws", "wrongShape"] as const) {
    const error = await nodes.call(things.misbehave, { how }).catch((thrown: unknown) => thrown);
    expect(faultCode(error)).toBe("internal");
    expect(JSON.stringify(error)).not.toMatch(/swordfish|not a number/);
  }
});

test("a fault keeps its code and details over the bus", async () => {
  const error = await nodes.call(things.misbehave, { how: "fault" }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ type: "conflict", code: 409, message: "Not now.", data: { details: [{ field: "how" }] } });
});

test("an action is for whom its contract says, and an internal one for nobody outside", async () => {
  expect(await codeOf(nodes.request(things.clear, {}))).toBe("unauthorized");
  expect(await codeOf(nodes.request(things.clear, {}, { caller: { kind: "customer", id: "c", session: "ses" } }))).toBe(
    "forbidden",
  );
  expect(await codeOf(nodes.request(things.clear, {}, { caller: { kind: "admin", id: "key", scopes: ["*"] } }))).toBe("ok");
  expect(
    await codeOf(nodes.request(things.misbehave, { how: "mutates" }, { caller: { kind: "admin", id: "key", scopes: ["*"] } })),
  ).toBe("not_found");
});

test("caller and request id go along with nested calls", async () => {
  const { callers, requestIds } = await nodes.request(
    things.whoAmI,
    { depth: 2 },
    { caller: { kind: "admin", id: "key", scopes: ["*"] } },
  );
  expect(callers).toEqual(["admin", "admin", "admin"]);
  expect(new Set(requestIds).size).toBe(1);
});

test("a handler is demanded for every action, also at run time", async () => {
  const { actions, events } = await nodes.call(kernelContract("things").describe, {});
  expect(actions.map(({ name }) => name)).toEqual([
    "things.addThing",
    "things.clear",
    "things.misbehave",
    "things.readThing",
    "things.whoAmI",
  ]);
  expect(actions[0]).toMatchObject({
    access: "public",
    http: { route: "POST /things/:name" },
    input: { type: "object", required: ["name"] },
  });
  expect(events).toMatchObject([{ name: "things.added", key: "name" }]);
});

test("what a service announces can be read over the bus", async () => {
  await nodes.call(things.addThing, { name: "told" });
  const { head } = await nodes.call(kernelContract("things").feed, { after: 0 });
  const page = await nodes.call(kernelContract("things").feed, { after: head - 1 });
  expect(page).toMatchObject({
    events: [{ position: head, type: "things.added", key: "told", payload: { name: "told", count: 1 } }],
  });
});

test("a service that has events to catch up with says how far it is behind, and is ready when it has handled them", async () => {
  const gate = Promise.withResolvers<void>();
  const reactions = [on(things.added, () => gate.promise)];
  const late = service("late", {}, () => ({ actions: {}, reactions }), {
    folder: join(import.meta.dirname, "../test/support/things"),
  });
  await using others = await startNodes({ services: [], schemas: [thingsService, late] });
  const health = () => others.call(kernelContract("late").health, {});
  await others.call(things.addThing, { name: "slow" });
  await eventually(async () =>
    expect(await health()).toEqual({
      isReady: false,
      reason: "reading the feeds of things (1 events behind)",
      behindSeconds: expect.any(Number),
    }),
  );
  gate.resolve();
  await eventually(async () => expect(await health()).toEqual({ isReady: true, reason: null }));
});

test("the news of a feed go to those who read it, and to those who do not say what they read", async () => {
  const heard: string[] = [];
  const reactions = [on(things.added, async () => void heard.push("reader"))];
  const reader = service("reader", {}, () => ({ actions: {}, reactions }), {
    folder: join(import.meta.dirname, "../test/support/things"),
  });
  const ear = (name: string, metadata = {}) => ({ name, metadata, events: { "feed.moved": () => void heard.push(name) } });
  const schemas = [thingsService, reader, ear("elsewhere", { feeds: ["another"] }), ear("stranger")];
  await using others = await startNodes({ services: [], schemas });
  const told = others.outside.registry.getServiceList({ skipInternal: true });
  expect(told.find(({ name }) => name === "reader")?.metadata).toMatchObject({ feeds: ["things"] });
  expect(told.find(({ name }) => name === "things")?.metadata).toMatchObject({ feeds: [] });
  await others.call(things.addThing, { name: "news" });
  await eventually(() => expect(heard.toSorted()).toEqual(["reader", "stranger"]));
});

test("a service without migrations has no database", async () => {
  const plain = service("plain", {}, (r) => ({ actions: {}, unready: async () => (r.db ? undefined : "never") }), {
    folder: "/nowhere",
  });
  await using others = await startNodes({ services: [], schemas: [plain] });
  expect(await codeOf(others.call(kernelContract("plain").health, {}))).toBe("internal");
  expect(await codeOf(others.call(kernelContract("plain").feed, { after: 0 }))).toBe("not_found");
});

test("settings and secrets are told to no other node", async () => {
  const told = JSON.stringify(nodes.outside.registry.getNodeRawList());
  expect(told).toContain("things.addThing");
  expect(told).not.toContain(nodes.environment.adminKey);
  expect(told).not.toMatch(/postgres:|password/i);
});
