import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { eventually } from "../../test/support/eventually.ts";
import { statementsOf } from "../../test/support/statements.ts";
import { isDuplicate, type Tx } from "../database.ts";
import { faultCode } from "../fault.ts";
import { apply, goes, outside, refused, type State } from "./saga.fixture.ts";
import { define, fresh, gate, like, sagaWorld, storyOf, type World } from "./saga.support.ts";
import { abort, done, later, saga, startSaga } from "../saga.ts";
import { backoff, SAGA_TIMINGS } from "./timings.ts";

let world: World;
beforeAll(async () => {
  world = await sagaWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

const writes =
  (what: string) =>
  async (tx: Tx, { sagaId }: State) =>
    void (await tx`insert into fact values (${sagaId}, ${what})`);

test("a saga goes through its steps in order and remembers them", async () => {
  await using node = world.node([goes]);
  const id = await world.start(node, goes);
  const outcome = await node.outcome(id, 5_000);
  expect(outcome).toEqual({ status: "completed", state: { sagaId: id, done: ["one", "two", "four", "five"] } });
  expect(await storyOf(node, id)).toEqual([
    "started",
    "one done",
    "two done",
    "three done",
    "four done",
    "five done",
    "six done",
  ]);
  expect(await world.ledger(id)).toEqual(["one applied", "two applied", "four applied", "five applied"]);
  expect(await world.facts(id)).toEqual(["three", "six"]);
});

test("six steps, two of them commits, cost five statements and no lease", async () => {
  await using node = world.node([goes], { scan: 60_000 });
  const texts = await statementsOf(world.db, async () => void (await node.outcome(await world.start(node, goes), 5_000)));
  const ofTheSagas = texts.filter((text) => text.includes("kernel.") && !text.includes("skip locked"));
  expect(ofTheSagas).toHaveLength(5);
  expect(texts.filter((text) => text.startsWith("insert into fact"))).toHaveLength(2);
});

test("a refused saga is undone backwards, and its last act commits with its end", async () => {
  await using node = world.node([refused]);
  const id = await world.start(node, refused);
  const outcome = await node.outcome(id, 5_000);
  expect(outcome).toEqual({ status: "compensated", reason: { outcome: "short" }, state: { sagaId: id, done: ["one", "two"] } });
  expect((await storyOf(node, id)).slice(3)).toEqual(["three aborted", "two undone", "one undone", "compensated done"]);
  expect(await world.ledger(id)).toEqual(["one applied", "two applied", "two revoked", "one revoked"]);
  expect(await world.facts(id)).toEqual(["compensated"]);
});

test("a last act that fails leaves nothing and is done again", async () => {
  let tries = 0;
  const definition = define([like("one", { run: async () => abort({}) })], {
    async compensated(tx, state, reason) {
      await writes("undone")(tx, state);
      if (++tries < 3) throw new Error(`not yet ${JSON.stringify(reason)}`);
    },
  });
  await using node = world.node([definition]);
  const id = await world.start(node, definition);
  await eventually(async () => expect(await node.outcome(id, 0)).toMatchObject({ status: "compensated" }));
  expect(tries).toBe(3);
  expect(await world.facts(id)).toEqual(["undone"]);
});

test("a step that throws is tried again under the same key", async () => {
  const seen: unknown[] = [];
  const definition = define([
    like("one", {
      async run(state, { key, attempt, call }) {
        seen.push([key, attempt]);
        await call(apply, { key });
        if (attempt < 3) throw new Error("no answer");
        return done({ done: [...state.done, "one"] });
      },
    }),
  ]);
  await using node = world.node([definition]);
  const id = await world.start(node, definition);
  await eventually(async () => expect(await node.outcome(id, 0)).toMatchObject({ status: "completed" }));
  expect(seen).toEqual([1, 2, 3].map((attempt) => [`${id}:one`, attempt]));
  expect(await world.ledger(id)).toEqual(["one applied"]);
});

test("a commit that throws leaves nothing, loses nothing of the step before it, and is tried again", async () => {
  let tries = 0;
  const commit = async (tx: Tx, state: State) => {
    await writes("two")(tx, state);
    if (++tries === 1) throw new Error("not yet");
    return { done: [...state.done, "two"] };
  };
  const definition = define([outside("one"), { name: "two", commit }]);
  await using node = world.node([definition]);
  const id = await world.start(node, definition);
  expect(await node.outcome(id, 5_000)).toMatchObject({ status: "completed", state: { done: ["one", "two"] } });
  expect(await world.facts(id)).toEqual(["two"]);
  expect(await storyOf(node, id)).toEqual(["started", "one done", "two failed", "two done"]);
});

test("a step that learnt what does not fit the state has failed", async () => {
  const definition = define([like("one", { run: async () => done(JSON.parse('{"done": 7}')) })]);
  await using node = world.node([definition]);
  const id = await world.start(node, definition);
  expect(await node.outcome(id, 5_000)).toMatchObject({ status: "put_off" });
  expect(await node.get(id)).toMatchObject({ status: "running", step: "one", state: { done: [] } });
});

test("after its deadline a saga is undone, the step that was under way included", async () => {
  const definition = define(
    [outside("one"), like("two", { run: async (_, { key, call }) => { await call(apply, { key }); throw new Error("no answer"); } })],
    { deadline: 150 },
  ); // prettier-ignore
  await using node = world.node([definition]);
  const id = await world.start(node, definition);
  await eventually(async () => expect(await node.outcome(id, 0)).toMatchObject({ status: "compensated" }));
  expect(await world.ledger(id)).toEqual(["one applied", "two applied", "two revoked", "one revoked"]);
  expect(await node.get(id)).toMatchObject({ status: "compensated", step: null });
});

test("what arrives after it was undone changes nothing", async () => {
  const network = gate();
  const late: Promise<unknown>[] = [];
  const definition = define([like("one", {
    async run(_, { key, call, attempt }) {
      if (attempt === 1) late.push(network.opened.then(() => call(apply, { key })));
      throw new Error("no answer");
    },
  })], { deadline: 100 }); // prettier-ignore
  await using node = world.node([definition]);
  const id = await world.start(node, definition);
  await eventually(async () => expect(await node.outcome(id, 0)).toMatchObject({ status: "compensated" }));
  network.open();
  expect(await Promise.all(late)).toEqual([{ outcome: "cancelled" }]);
  expect(await world.ledger(id)).toEqual([]);
});

test("whoever waits is told at once that a step was put off, on any node, and a kick makes it go on", async () => {
  const paid = gate();
  const isPaid = Promise.race([paid.opened.then(() => true), new Promise<boolean>(() => {})]);
  const definition = define([
    like("one", { run: async () => ((await Promise.race([isPaid, false])) ? done() : later(60_000, "the provider is away")) }),
  ]);
  await using here = world.node([definition]);
  await using there = world.node([definition]);
  const id = await world.start(here, definition);
  expect(await here.outcome(id, 60_000)).toMatchObject({ status: "put_off" });
  expect(await there.outcome(id, 60_000)).toMatchObject({ status: "put_off" });
  expect((await here.get(id))?.history.at(-1)).toMatchObject({ what: "put_off", detail: { why: "the provider is away" } });
  paid.open();
  await there.kick(id);
  await eventually(async () => expect(await here.outcome(id, 0)).toMatchObject({ status: "completed" }));
});

test("a second failure counts as put off, because the tries get rare", async () => {
  const definition = define([like("one", { run: () => Promise.reject(new Error("down")) })]);
  await using node = world.node([definition], { longestRetry: 60_000, firstRetry: 200 });
  const id = await world.start(node, definition);
  expect(await node.outcome(id, 20_000)).toMatchObject({ status: "put_off" });
  expect(await node.get(id)).toMatchObject({ attempt: 2, error: "down" });
});

test("an outcome that takes too long is pending, and comes from any node", async () => {
  const way = gate();
  const definition = define([like("one", { run: async () => (await way.opened, done()) })]);
  await using here = world.node([definition]);
  await using there = world.node([definition]);
  const id = await world.start(here, definition);
  expect(await here.outcome(id, 10)).toMatchObject({ status: "pending" });
  const elsewhere = there.outcome(id, 5_000);
  way.open();
  expect(await elsewhere).toMatchObject({ status: "completed" });
  expect(faultCode(await there.outcome("nobody", 0).catch((error: unknown) => error))).toBe("not_found");
});

test("a saga that was started without a node is found by one", async () => {
  await using node = world.node([goes]);
  const id = fresh("id");
  await world.db.transaction((tx) => startSaga(tx, goes, { id, state: { sagaId: id, done: [] } }));
  expect(await node.outcome(id, 5_000)).toMatchObject({ status: "completed" });
  const again = world.db.transaction((tx) => startSaga(tx, goes, { id, state: { sagaId: id, done: [] } }));
  expect(isDuplicate(await again.catch((error: unknown) => error))).toBe(true);
});

test("two steps of one name are refused, because they would share their key", () => {
  expect(() => saga({ ...goes, steps: [outside("one"), outside("one")] })).toThrow("a name of its own");
});

const delays = (random: number) => [1, 2, 3, 8, 9, 100].map((attempt) => backoff(attempt, SAGA_TIMINGS, () => random));

test("tries get rarer, up to half a minute, and are never in step", () => {
  expect(delays(0)).toEqual([200, 400, 800, 25_600, 30_000, 30_000]);
  expect(delays(0.999)[0]).toBe(150);
});
