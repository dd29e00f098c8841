import { expect, test } from "@jest/globals";
import { eventually } from "../../test/support/eventually.ts";
import { confirm, confirmed, type Effect, effects, recordOn, startPair, valuesOf } from "./feed.support.ts";
import type { Database } from "../database.ts";
import { on, type Reactions } from "../reactions.ts";

const FAST = { poll: 100, firstRetry: 10, tries: 3 };

/** A handler that applies the event and then throws for the values in `poison`; `tried` has the values of all runs. */
function picky(poison: Set<number>) {
  const tried: number[] = [];
  const record = recordOn("one");
  const reaction = on(confirmed, async (payload, tx, envelope) => {
    tried.push(payload.value);
    // Decided together with the push: the test may clear the poison as soon as it sees the value there.
    const isPoison = poison.has(payload.value);
    await record.run(payload, tx, envelope);
    if (isPoison) throw new Error(`cannot stand ${payload.value}`);
  });
  return { tried, reactions: [reaction] };
}

const appliedTo = async (db: Database, order: string) =>
  valuesOf((await effects(db)).filter((effect: Effect) => effect.order === order));
const heldBy = async (reactions: Reactions) => (await reactions.status())[0]?.held;

test("a handler that throws now and then is retried; its key keeps its order and other keys go on", async () => {
  await using pair = await startPair();
  const poison = new Set([2]);
  const { tried, reactions } = picky(poison);
  const running = pair.start("one", { reactions, timings: { ...FAST, tries: 100, longestRetry: 20 } });
  for (const [order, value] of [["a", 1], ["a", 2], ["b", 3], ["a", 4], ["b", 5], ["a", 6]] as const) await confirm(pair.orders, order, value); // prettier-ignore
  await eventually(async () => expect(await heldBy(running)).toEqual({ retrying: 1, waiting: 2, parked: 0 }));
  await eventually(() => expect(tried.filter((value) => value === 2).length).toBeGreaterThan(3));
  expect([await appliedTo(pair.insights, "a"), await appliedTo(pair.insights, "b")]).toEqual([[1], [3, 5]]);
  poison.clear();
  await eventually(async () => expect(await heldBy(running)).toEqual({ retrying: 0, waiting: 0, parked: 0 }));
  expect(await appliedTo(pair.insights, "a")).toEqual([1, 2, 4, 6]);
});

test("after its last try an event is parked; redriven, it goes through and the ones behind it follow", async () => {
  await using pair = await startPair();
  const poison = new Set([1]);
  const { tried, reactions } = picky(poison);
  const running = pair.start("one", { reactions, timings: FAST });
  for (const value of [1, 2, 3]) await confirm(pair.orders, "a", value);
  await confirm(pair.orders, "b", 4);
  const [parked] = await eventually(async () => {
    expect(await heldBy(running)).toEqual({ retrying: 0, waiting: 2, parked: 1 });
    return running.parked();
  });
  expect(parked).toMatchObject({ feed: "orders", position: 1, key: "a", tries: 3, error: "cannot stand 1", waiting: 2 });
  expect(JSON.parse(JSON.stringify(parked))).toEqual(parked);
  expect(tried.filter((value) => value === 1)).toHaveLength(3);
  expect(pair.log.lines.filter(({ level }) => level === "error")).toHaveLength(1);
  await eventually(async () => expect(await appliedTo(pair.insights, "b")).toEqual([4]));

  expect(await running.redrive(parked!.id)).toBe(true);
  await eventually(() => expect(tried.filter((value) => value === 1)).toHaveLength(6));
  poison.clear();
  await eventually(async () => expect(await heldBy(running)).toMatchObject({ parked: 1 }));
  await running.redrive(parked!.id);
  await eventually(async () => expect(await appliedTo(pair.insights, "a")).toEqual([1, 2, 3]));
  expect([await running.parked(), await running.redrive(parked!.id)]).toEqual([[], false]);
});

test("a parked event that is dropped lets the ones behind it go on", async () => {
  await using pair = await startPair();
  const running = pair.start("one", { reactions: picky(new Set([1])).reactions, timings: FAST });
  for (const value of [1, 2, 3]) await confirm(pair.orders, "a", value);
  const parked = await eventually(async () => {
    const [first] = await running.parked();
    expect(first?.waiting).toBe(2);
    return first!;
  });
  expect(await running.drop(parked.id)).toBe(true);
  await eventually(async () => expect(await appliedTo(pair.insights, "a")).toEqual([2, 3]));
  expect([await running.drop(parked.id), await heldBy(running)]).toEqual([false, { retrying: 0, waiting: 0, parked: 0 }]);
});

test("a payload that the subscriber does not understand is parked, not skipped", async () => {
  await using pair = await startPair();
  await confirm(pair.orders, "a", 1);
  await pair.orders.sql`update kernel.feed set payload = '{"order":"a"}'`;
  const running = pair.start("one", { timings: FAST });
  await eventually(async () => expect(await running.parked()).toMatchObject([{ key: "a", payload: { order: "a" } }]));
  expect((await running.parked())[0]?.error).toContain("invalid_type");
});

test("when the subscriber's own database goes away nothing is held, and each event is applied once", async () => {
  await using pair = await startPair();
  let cuts = 1;
  const record = recordOn("one");
  const reaction = on(confirmed, async (payload, tx, envelope) => {
    await record.run(payload, tx, envelope);
    if (payload.value === 2 && cuts-- > 0) await tx`select pg_terminate_backend(pg_backend_pid())`;
  });
  const running = pair.start("one", { reactions: [reaction], timings: { ...FAST, tries: 1 } });
  for (const value of [1, 2, 3]) await confirm(pair.orders, "a", value);
  await eventually(async () => expect(valuesOf(await effects(pair.insights))).toEqual([1, 2, 3]), 20_000);
  expect([cuts, await heldBy(running)]).toEqual([-1, { retrying: 0, waiting: 0, parked: 0 }]);
});

test("a rebuild forgets what was held and reads it again", async () => {
  await using pair = await startPair();
  const poison = new Set([1]);
  const running = pair.start("one", { reactions: picky(poison).reactions, timings: FAST });
  for (const value of [1, 2]) await confirm(pair.orders, "a", value);
  await eventually(async () => expect(await heldBy(running)).toEqual({ retrying: 0, waiting: 1, parked: 1 }));
  poison.clear();
  await running.rebuild(async (tx) => void (await tx`delete from effect`));
  await eventually(async () => expect(await appliedTo(pair.insights, "a")).toEqual([1, 2]));
  expect(await running.parked()).toEqual([]);
});
