import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { scratchDatabase } from "../test/support/database.ts";
import { startNodes, type TestNodes } from "../test/support/nodes.ts";
import * as things from "../test/support/things/contract.ts";
import thingsService from "../test/support/things/things.service.ts";
import { faultCode } from "./fault.ts";
import { claimKey, type IdempotencyKey, isAnswer, trimKeys } from "./idempotency.ts";

let nodes: TestNodes;
beforeAll(async () => {
  nodes = await startNodes({ services: [], schemas: [thingsService] });
});
afterAll(async () => nodes[Symbol.asyncDispose]());

let run = 0;
beforeEach(async () => {
  run++;
  await nodes.request(things.clear, {}, { caller: { kind: "admin", id: "key", scopes: ["*"] } });
});

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => "ok",
    (error: unknown) => faultCode(error) ?? String(error),
  );
const path = { path: ["name"], url: "/things/a" };
const key: IdempotencyKey = { scope: "guest POST /x", key: "k", fingerprint: "f" };

test("a request that is sent again gets its first answer and changes nothing", async () => {
  const send = () => nodes.request(things.addThing, { name: "a" }, { ...path, idempotencyKey: `k${run}` });
  expect(await send()).toEqual({ name: "a", count: 1 });
  expect(await send()).toEqual({ name: "a", count: 1 });
  expect(await nodes.call(things.readThing, { name: "a" })).toEqual({ name: "a", count: 1 });
});

test("twenty at the same time are one, and all get the same answer", async () => {
  const send = () => nodes.request(things.addThing, { name: "a", slowly: true }, { ...path, idempotencyKey: `k${run}` });
  const answers = await Promise.all(Array.from({ length: 20 }, send));
  expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(new Set([JSON.stringify({ name: "a", count: 1 })]));
});

test("a key belongs to its caller and its address, and to one body", async () => {
  const send = (how: object, by = 1) =>
    nodes.request(things.addThing, { name: "a", by }, { ...path, idempotencyKey: `k${run}`, ...how });
  await send({});
  await send({ caller: { kind: "admin", id: "key", scopes: ["*"] } });
  await send({ url: "/things/b" });
  expect(await codeOf(send({}, 2))).toBe("idempotency_key_reused");
  expect(await nodes.call(things.readThing, { name: "a" })).toMatchObject({ count: 3 });
});

test("a refused request does not use the key up", async () => {
  const send = (by: number) => nodes.request(things.addThing, { name: "a", by }, { ...path, idempotencyKey: `k${run}` });
  expect(await codeOf(send(-1))).toBe("invalid");
  expect(await codeOf(send(3_000_000_000))).not.toBe("ok");
  expect(await send(1)).toMatchObject({ count: 1 });
});

test("a key that a crash left behind is free when its lease ends, and the dead one's answer is refused", async () => {
  await using db = await scratchDatabase();
  const dead = await claimKey(db, key, 0);
  await db.sql`update kernel.idempotency_key set lease_until = now() - interval '1 second'`;
  const next = await claimKey(db, key, 0);
  if (isAnswer(dead) || isAnswer(next)) throw new Error("nobody has answered yet");
  expect(await codeOf(db.transaction((tx) => dead.answer(tx, { status: 201, body: "dead" })))).toBe("request_in_progress");
  await db.transaction((tx) => next.answer(tx, { status: 201, body: "alive" }));
  expect(await claimKey(db, key, 0)).toEqual({ status: 201, body: "alive" });
});

test("whoever cannot wait any longer is told to come back", async () => {
  await using db = await scratchDatabase();
  const first = await claimKey(db, key, 0);
  expect(await codeOf(claimKey(db, key, 100))).toBe("request_in_progress");
  if (!isAnswer(first)) await first.release();
  expect(isAnswer(await claimKey(db, key, 0))).toBe(false);
});

test("an answer and its effect are one: when the transaction fails, neither is there", async () => {
  await using db = await scratchDatabase();
  const claim = await claimKey(db, key, 0);
  if (isAnswer(claim)) throw new Error("nobody has answered yet");
  const failing = db.transaction(async (tx) => {
    await claim.answer(tx, { status: 201, body: {} });
    throw new Error("after the answer");
  });
  await expect(failing).rejects.toThrow("after the answer");
  expect(await codeOf(claimKey(db, key, 0))).toBe("request_in_progress");
});

test("keys are kept for a day", async () => {
  await using db = await scratchDatabase();
  const claim = await claimKey(db, key, 0);
  if (isAnswer(claim)) throw new Error("nobody has answered yet");
  await db.transaction((tx) => claim.answer(tx, { status: 200, body: {} }));
  await trimKeys(db);
  expect(await claimKey(db, key, 0)).toEqual({ status: 200, body: {} });
  await db.sql`update kernel.idempotency_key set created_at = now() - interval '25 hours'`;
  await trimKeys(db);
  expect(await db.sql`select from kernel.idempotency_key`).toHaveLength(0);
});
