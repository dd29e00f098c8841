import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { eventually } from "../../test/support/eventually.ts";
import type { Database } from "../database.ts";
import { apply, outside, type State } from "./saga.fixture.ts";
import { define, gate, like, sagaWorld, storyOf, type World } from "./saga.support.ts";
import { done, type SagaDefinition } from "../saga.ts";

let world: World;
beforeAll(async () => {
  world = await sagaWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

/** The same saga as two nodes know it: each with gates of its own in the first step. */
function twins() {
  const name = define([outside("one")]).name;
  const seen: string[] = [];
  const side = (who: string) => {
    const inside = gate();
    const way = gate();
    const one = like("one", {
      async run({ done: before }, { key, call }) {
        inside.open();
        await way.opened;
        await call(apply, { key });
        return done({ done: [...before, who] });
      },
    });
    const two = like("two", { run: async ({ done: before }) => (seen.push(who), done({ done: [...before, who] })) });
    return { ...define([one, two]), name, inside: inside.opened, go: way.open };
  };
  return { frozen: side("frozen"), awake: side("awake"), seen };
}

test("a frozen node's late progress is refused, and it begins nothing more", async () => {
  const { frozen, awake, seen } = twins();
  await using first = world.node([frozen], { lease: 50, renew: 60_000, scan: 60_000 });
  const id = await world.start(first, frozen);
  await using second = world.node([awake]);
  await Promise.all([frozen.inside, awake.inside]);
  frozen.go();
  await first.stop();
  expect(await storyOf(second, id)).toEqual(["started"]);
  awake.go();
  expect(await second.outcome(id, 5_000)).toMatchObject({ status: "completed", state: { done: ["awake", "awake"] } });
  expect(await storyOf(second, id)).toEqual(["started", "one done", "two done"]);
  expect(seen).toEqual(["awake"]);
  expect(await world.ledger(id)).toEqual(["one applied"]);
});

test("a step that takes longer than the lease keeps its saga", async () => {
  const { frozen, awake } = twins();
  await using first = world.node([frozen], { lease: 300, renew: 50 });
  const id = await world.start(first, frozen);
  await using second = world.node([awake]);
  await eventually(async () => {
    const [row] = await world.db.sql<[{ old: boolean }]>`
      select created_at < now() - interval '900 ms' as old from kernel.saga where id = ${id}`;
    expect(row.old).toBe(true);
  });
  frozen.go();
  expect(await second.outcome(id, 5_000)).toMatchObject({ status: "completed", state: { done: ["frozen", "frozen"] } });
});

test("after a stop another node goes on at once, from the step that comes next", async () => {
  const { frozen, awake } = twins();
  await using first = world.node([frozen], { lease: 60_000 });
  const id = await world.start(first, frozen);
  await frozen.inside;
  const stopped = first.stop();
  frozen.go();
  await stopped;
  expect(await storyOf(first, id)).toEqual(["started", "one done"]);
  await using second = world.node([awake]);
  expect(await second.outcome(id, 5_000)).toMatchObject({ status: "completed", state: { done: ["frozen", "awake"] } });
});

test("a stop does not wait for ever for a step", async () => {
  const { frozen, awake } = twins();
  await using first = world.node([frozen], { stopWithin: 20, lease: 100, renew: 20 });
  const id = await world.start(first, frozen);
  await first.stop();
  await using second = world.node([awake]);
  awake.go();
  expect(await second.outcome(id, 5_000)).toMatchObject({ status: "completed" });
  frozen.go();
});

test("two nodes that look for the same sagas run each once", async () => {
  const { awake, seen } = twins();
  awake.go();
  await using starter = world.node([awake], { scan: 60_000 });
  await starter.stop();
  const ids = await Promise.all(Array.from({ length: 30 }, () => world.start(starter, awake)));
  await using one = world.node([awake], { atOnce: 4 });
  await using two = world.node([awake], { atOnce: 4 });
  await Promise.all(
    ids.map((id, i) => eventually(async () => expect((await (i % 2 ? one : two).outcome(id, 0)).status).toBe("completed"))),
  );
  expect(seen).toHaveLength(30);
});

test("a version that a node does not know is left alone", async () => {
  const steps = [outside("one")];
  const old = define(steps);
  const next = { ...old, version: 2 };
  await using ahead = world.node([old, next], { scan: 60_000 });
  await ahead.stop();
  const id = await world.start(ahead, next);
  const known = await world.start(ahead, old);
  await using behind = world.node([old]);
  expect(await behind.outcome(known, 5_000)).toMatchObject({ status: "completed" });
  expect(await behind.outcome(id, 100)).toMatchObject({ status: "pending" });
  expect(await storyOf(behind, id)).toEqual(["started"]);
  await using updated = world.node([next]);
  expect(await updated.outcome(id, 5_000)).toMatchObject({ status: "completed" });
});

test("a node starts only what it knows", async () => {
  await using node = world.node([]);
  await expect(world.start(node, define([outside("one")]))).rejects.toThrow("not among the sagas");
});

/** A database whose first answer to a commit is lost, although it was carried out. */
function forgetful({ sql, close, transaction }: Database, isVictim: () => boolean): Database {
  let isLost = false;
  return {
    sql,
    close,
    async transaction(work) {
      const result = await transaction(work);
      if (isLost || !isVictim()) return result;
      isLost = true;
      throw new Error("The connection was closed.");
    },
  };
}

test("a commit whose answer is lost is not done again", async () => {
  let isCommitting = false;
  const two = {
    name: "two",
    async commit(tx: Parameters<Parameters<Database["transaction"]>[0]>[0], { sagaId }: State) {
      isCommitting = true;
      await tx`insert into fact values (${sagaId}, 'two')`;
    },
  };
  const definition: SagaDefinition<State> = define([outside("one"), two, outside("three")]);
  await using node = world.node([definition], { lease: 100, renew: 20 }, { db: forgetful(world.db, () => isCommitting) });
  const id = await world.start(node, definition);
  expect(await node.outcome(id, 5_000)).toMatchObject({ status: "completed" });
  expect(await world.facts(id)).toEqual(["two"]);
  expect(await storyOf(node, id)).toEqual(["started", "one done", "two done", "three done"]);
});
