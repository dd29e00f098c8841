import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { eventually } from "../../test/support/eventually.ts";
import { confirm, confirmed, type Effect, effects, recordOn, startPair, valuesOf } from "./feed.support.ts";
import { on } from "../reactions.ts";

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const QUICK = { poll: 30, lease: 400, batch: 10 };

/** Each event once, and those of one order in the order in which they were announced. */
function expectOnceInOrder(list: Effect[], count: number) {
  expect(valuesOf(list).toSorted((one, other) => one - other)).toEqual(upTo(count));
  for (const mine of Map.groupBy(list, ({ order }) => order).values()) {
    expect(valuesOf(mine)).toEqual(valuesOf(mine).toSorted((one, other) => one - other));
  }
}

test("of two nodes one reads; when it stops at an event border the other goes on at once", async () => {
  await using pair = await startPair();
  const nodes = new Map(["one", "two"].map((node) => [node, pair.start(node, { timings: { ...QUICK, lease: 60_000 } })]));
  const announcing = (async () => {
    for (const value of upTo(200)) await confirm(pair.orders, String(value % 5), value);
  })();
  const [first] = await eventually(async () => {
    const list = await effects(pair.insights);
    expect(list.length).toBeGreaterThan(20);
    return list;
  });
  await nodes.get(first!.node)!.stop();
  await announcing;
  await eventually(async () => expect((await effects(pair.insights)).length).toBe(200));
  const list = await effects(pair.insights);
  expectOnceInOrder(list, 200);
  const turns = list.filter(({ node }, index) => node !== list[index - 1]?.node).map(({ node }) => node);
  expect(turns).toEqual([first!.node, first!.node === "one" ? "two" : "one"]);
});

test("a node that hangs in a handler is taken over when its lease ends, and can no longer commit", async () => {
  await using pair = await startPair();
  for (const value of upTo(6)) await confirm(pair.orders, "a", value);
  const hang = Promise.withResolvers<void>();
  const record = recordOn("one");
  let reached = false;
  const hanging = on(confirmed, async (payload, tx, envelope) => {
    await record.run(payload, tx, envelope);
    if (payload.value !== 3 || reached) return;
    reached = true;
    await hang.promise;
  });
  pair.start("one", { reactions: [hanging], timings: QUICK });
  await eventually(() => expect(reached).toBe(true));
  const two = pair.start("two", { timings: QUICK });
  await eventually(async () => expect(await two.caughtUp()).toBe(true));
  expectOnceInOrder(await effects(pair.insights), 6);
  hang.resolve();
  for (const value of [7, 8, 9]) await confirm(pair.orders, "a", value);
  await eventually(async () => expect(await two.caughtUp()).toBe(true));
  expectOnceInOrder(await effects(pair.insights), 9);
  expect((await effects(pair.insights)).find(({ value }) => value === 3)?.node).toBe("two");
});

test("a process that is killed between a handler's writes and the commit leaves nothing half done", async () => {
  await using pair = await startPair();
  for (const value of upTo(12)) await confirm(pair.orders, String(value % 3), value);
  // Its pages have three events: those before the one go with it.
  for (const [last, done] of [
    [4, 3],
    [9, 6],
  ] as const) {
    const fixture = join(import.meta.dirname, "takeover.fixture.ts");
    const child = spawn(process.execPath, [fixture, pair.orders.url, pair.insights.url, String(last)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    expectOnceInOrder(await effects(pair.insights), done);
  }
  const survivor = pair.start("survivor", { timings: QUICK });
  await eventually(async () => expect(await survivor.caughtUp()).toBe(true));
  const list = await effects(pair.insights);
  expectOnceInOrder(list, 12);
  expect(new Set(list.map(({ node }) => node))).toEqual(new Set(["victim", "survivor"]));
});

test("nodes that come and go while events are announced, and a lease too short to be of use, harm nothing", async () => {
  await using pair = await startPair();
  const flaky = (node: string) => {
    const record = recordOn(node);
    let runs = 0;
    return on(confirmed, async (payload, tx, envelope) => {
      await record.run(payload, tx, envelope);
      if (++runs % 17 === 0) throw new Error("a bad day");
    });
  };
  const timings = { poll: 5, lease: 2, batch: 10, firstRetry: 5, tries: 100 };
  const start = (node: string) => pair.start(node, { reactions: [flaky(node)], timings });
  const steady = [start("one"), start("two")];
  for (const value of upTo(80)) {
    await confirm(pair.orders, String(value % 4), value);
    if (value % 20 === 0) await start(`brief-${value}`).stop();
  }
  await eventually(async () => {
    expect(await steady[0]!.caughtUp()).toBe(true);
    expect(await effects(pair.insights)).toHaveLength(80);
  });
  expectOnceInOrder(await effects(pair.insights), 80);
});
