import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { eventually } from "../../test/support/eventually.ts";
import { outside } from "./saga.fixture.ts";
import { define, gate, like, sagaWorld, storyOf, type World } from "./saga.support.ts";
import { abort, done, later, type Sagas } from "../saga.ts";

let world: World;
beforeAll(async () => {
  world = await sagaWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

const becomes = (node: Sagas, id: string, status: string) =>
  eventually(async () => expect(await node.outcome(id, 0)).toMatchObject({ status }));

/** A saga that is refused at its end and whose second step cannot be undone while `isBroken()`. */
const stubborn = (isBroken: () => boolean) =>
  define([
    outside("one"),
    like("two", { undo: async (_, { key, call }) => (isBroken() ? Promise.reject(new Error("jammed")) : outside("two").undo!(_, { key, call, sagaId: "", attempt: 1 })) }),
    like("three", { run: async () => abort({ outcome: "short" }) }),
  ]); // prettier-ignore

test("what cannot be undone is stuck, is shown, and a retry goes on with it", async () => {
  let isBroken = true;
  const definition = stubborn(() => isBroken);
  await using node = world.node([definition], { undoTries: 3 });
  const id = await world.start(node, definition);
  await becomes(node, id, "stuck");
  expect(await node.get(id)).toMatchObject({ status: "stuck", step: "two", error: "jammed", attempt: 3, dueAt: null });
  expect(await node.list({ status: "stuck", limit: 20 })).toMatchObject({ sagas: [{ id, service: "shop" }], nextCursor: null });
  expect(await node.counts()).toEqual({ stuck: 1 });
  isBroken = false;
  expect(await node.retry(id, "ada")).toEqual({ outcome: "done" });
  await becomes(node, id, "compensated");
  expect((await node.get(id))?.history).toContainEqual(
    expect.objectContaining({ what: "operator.retry", detail: { by: "ada" } }),
  );
  expect(await world.ledger(id)).toEqual(["one applied", "two applied", "two revoked", "one revoked"]);
});

test("a skipped undo counts as done by hand, and the steps below are undone", async () => {
  const definition = stubborn(() => true);
  await using node = world.node([definition], { undoTries: 2 });
  const id = await world.start(node, definition);
  await becomes(node, id, "stuck");
  expect(await node.skip(id, "bob")).toEqual({ outcome: "done" });
  await becomes(node, id, "compensated");
  expect(await world.ledger(id)).toEqual(["one applied", "two applied", "one revoked"]);
  expect((await storyOf(node, id)).slice(-3)).toEqual(["operator.skip", "one undone", "compensated done"]);
});

test("a compensation that has not succeeded in its time is stuck", async () => {
  const definition = stubborn(() => true);
  await using node = world.node([definition], { undoFor: 80 });
  const id = await world.start(node, definition);
  await becomes(node, id, "stuck");
  expect((await node.get(id))!.attempt).toBeLessThan(20);
});

test("an operator can have a saga undone that was put off, or is running on some node right now", async () => {
  const way = gate();
  const inside = gate();
  const definition = define([outside("one"), like("two", { run: async () => (inside.open(), await way.opened, done()) })]);
  await using node = world.node([definition]);
  const id = await world.start(node, definition);
  await inside.opened;
  expect(await node.compensate(id, "ada")).toEqual({ outcome: "done" });
  await becomes(node, id, "compensated");
  way.open();
  expect(await node.outcome(id, 0)).toMatchObject({ status: "compensated", reason: { code: "operator", by: "ada" } });
  expect(await world.ledger(id)).toEqual(["one applied", "one revoked"]);
  expect(await storyOf(node, id)).toEqual([
    "started",
    "one done",
    "operator.compensate",
    "two undone",
    "one undone",
    "compensated done",
  ]);
});

test("an operator can have a saga tried now that was put off", async () => {
  let tries = 0;
  const definition = define([like("one", { run: async () => (++tries === 1 ? later(60_000, "away") : done()) })]);
  await using node = world.node([definition]);
  const id = await world.start(node, definition);
  await becomes(node, id, "put_off");
  expect(await node.retry(id, "ada")).toEqual({ outcome: "done" });
  expect(await node.outcome(id, 5_000)).toMatchObject({ status: "completed" });
});

test("moves that the state forbids are refused and leave no trace", async () => {
  const definition = define([outside("one")]);
  await using node = world.node([definition]);
  const id = await world.start(node, definition);
  await becomes(node, id, "completed");
  for (const move of ["retry", "compensate", "skip"] as const) {
    expect(await node[move](id, "eve")).toMatchObject({ outcome: "refused" });
    expect(await node[move]("nobody", "eve")).toEqual({ outcome: "unknown" });
  }
  expect(await storyOf(node, id)).toEqual(["started", "one done"]);
});

test("sagas are listed newest first, page by page", async () => {
  const definition = define([outside("one")]);
  await using node = world.node([definition]);
  await node.stop();
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.push(await world.start(node, definition));
  const first = await node.list({ limit: 3 });
  const second = await node.list({ limit: 3, cursor: first.nextCursor ?? "" });
  expect([...first.sagas, ...second.sagas].map(({ id }) => id).slice(0, 5)).toEqual(ids.toReversed());
  expect(await node.get("nobody")).toBeNull();
});
