import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { eventually } from "../../test/support/eventually.ts";
import { cancelled, confirm, confirmed, effects, recordOn, startPair, valuesOf } from "./feed.support.ts";
import { announce, type FeedQuery } from "../feed.ts";
import { on } from "../reactions.ts";
import { currentScope, inScope } from "../scope.ts";

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test("a new subscriber reads from the beginning, in order, and skips what it does not react to", async () => {
  await using pair = await startPair();
  for (const value of upTo(12)) {
    await confirm(pair.orders, "a", value);
    await pair.orders.transaction((tx) => announce(tx, cancelled, { order: "a", value: 100 + value }));
  }
  const reactions = pair.start("one", { timings: { batch: 5 } });
  await eventually(async () => expect(await reactions.caughtUp()).toBe(true));
  expect(valuesOf(await effects(pair.insights))).toEqual(upTo(12));
  const held = { retrying: 0, waiting: 0, parked: 0 };
  const { epoch } = await pair.feed.read({ after: 0 });
  expect(await reactions.status()).toEqual([
    { feed: "orders", epoch, position: 24, head: 24, lag: 0, ageSeconds: 0, state: "reading", held },
  ]);
});

test("a handler knows the envelope and works in the scope of the request that caused the event", async () => {
  await using pair = await startPair();
  const seen: unknown[] = [];
  const reaction = on(
    confirmed,
    async (_payload, _tx, envelope) => void seen.push(envelope.correlationId, currentScope()?.requestId),
  );
  await inScope({ requestId: "req-7" }, () => confirm(pair.orders, "a", 1));
  pair.start("one", { reactions: [reaction] });
  await eventually(() => expect(seen).toEqual(["req-7", "req-7"]));
});

test("what is announced in a row is read together, and the first of it at once", async () => {
  await using pair = await startPair();
  let reads = 0;
  const read = (query: FeedQuery) => (reads++, pair.feed.read(query));
  const reactions = pair.start("one", { read, timings: { poll: 60_000 } });
  await eventually(async () => expect(await reactions.caughtUp()).toBe(true));
  pair.feed.onMoved(() => reactions.nudge("orders"));
  reads = 0;
  const start = performance.now();
  await confirm(pair.orders, "a", 1);
  await eventually(async () => expect(await effects(pair.insights)).toHaveLength(1));
  for (const value of upTo(40)) await confirm(pair.orders, "a", 1 + value);
  await eventually(async () => expect(await effects(pair.insights)).toHaveLength(41));
  expect(reads).toBeLessThanOrEqual(2 + (performance.now() - start) / 100);
});

test("the events of a page are handled in one transaction; when one of them fails, it alone is held", async () => {
  await using pair = await startPair();
  await pair.insights.sql`alter table effect add column transaction xid8 default pg_current_xact_id()`;
  const count = async () =>
    (await pair.insights.sql`select distinct on (transaction) transaction from effect order by transaction`).length;
  const record = recordOn("one");
  const reaction = on(confirmed, async (payload, tx, envelope) => {
    await record.run(payload, tx, envelope);
    if (payload.value === 13) throw new Error("a bad day");
  });
  for (const value of upTo(8)) await confirm(pair.orders, String(value), value);
  const reactions = pair.start("one", { reactions: [reaction], timings: { firstRetry: 60_000, poll: 300 } });
  await eventually(async () => expect(await reactions.caughtUp()).toBe(true));
  expect([valuesOf(await effects(pair.insights)), await count()]).toEqual([upTo(8), 1]);

  await pair.orders.transaction(async (tx) => {
    for (const value of [11, 12, 13, 14]) await announce(tx, confirmed, { order: String(value), value });
  });
  await eventually(async () => expect(await reactions.caughtUp()).toBe(true));
  expect([valuesOf(await effects(pair.insights)), await count()]).toEqual([[...upTo(8), 11, 12, 14], 4]);
  expect(await reactions.status()).toMatchObject([{ position: 12, held: { retrying: 1 } }]);
});

test("events whose handlers take long are committed in between, so that the lease lasts", async () => {
  await using pair = await startPair();
  await pair.insights.sql`alter table effect add column transaction xid8 default pg_current_xact_id()`;
  const record = recordOn("one");
  const reaction = on(confirmed, async (payload, tx, envelope) => {
    await record.run(payload, tx, envelope);
    await sleep(50);
  });
  for (const value of upTo(9)) await confirm(pair.orders, String(value), value);
  const reactions = pair.start("one", { reactions: [reaction], timings: { lease: 1_000 } });
  await eventually(async () => expect(await reactions.caughtUp()).toBe(true));
  expect(valuesOf(await effects(pair.insights))).toEqual(upTo(9));
  const counts = await pair.insights.sql<{ count: number }[]>`select count(*) from effect group by transaction`;
  expect(Math.max(...counts.map(({ count }) => count))).toBeLessThanOrEqual(3);
});

test("two reactions to one event are refused", async () => {
  await using pair = await startPair();
  const reactions = [recordOn("one"), recordOn("one")];
  expect(() => pair.start("one", { reactions })).toThrow("insights reacts twice to orders.confirmed");
});

test("a nudge has an event handled at once, and a lost nudge costs a second at most", async () => {
  await using pair = await startPair();
  const reactions = pair.start("one");
  await confirm(pair.orders, "a", 0);
  await eventually(async () => expect(await effects(pair.insights)).toHaveLength(1));
  const start = performance.now();
  await confirm(pair.orders, "a", 1);
  await eventually(async () => expect(await effects(pair.insights)).toHaveLength(2), 1_500);
  const end = pair.feed.onMoved(() => reactions.nudge("orders"));
  const nudged = performance.now();
  await confirm(pair.orders, "a", 2);
  await eventually(async () => expect(await effects(pair.insights)).toHaveLength(3));
  end();
  expect(performance.now() - nudged).toBeLessThan(500);
  expect(nudged - start).toBeLessThan(1_500);
});

const LIES = {
  beyond_head: ["delete from kernel.feed where position > 2", "update kernel.feed_state set head = 2"],
  other_epoch: ["update kernel.feed_state set epoch = 'another'"],
  other_history: ["delete from kernel.feed where position > 2", "update kernel.feed_state set head = 2"],
};

test.each(["beyond_head", "other_epoch", "other_history"] as const)(
  "a restored feed (%s) stops its readers with an alarm",
  async (lie) => {
    await using pair = await startPair();
    for (const value of upTo(4)) await confirm(pair.orders, "a", value);
    const reactions = pair.start("one", { timings: { poll: 50 } });
    await eventually(async () => expect(await reactions.caughtUp()).toBe(true));
    const newer = lie === "other_history" ? [13, 14, 15] : [];
    await pair.orders.transaction(async (tx) => {
      for (const statement of LIES[lie]) await tx.unsafe(statement);
      for (const value of newer) await announce(tx, confirmed, { order: "a", value });
    });
    await eventually(async () =>
      expect(await reactions.status()).toMatchObject([{ state: "stopped", problem: lie, position: 4 }]),
    );
    await eventually(() => expect(pair.log.lines.filter(({ level }) => level === "error")).toHaveLength(1));
    expect(pair.log.lines.at(-1)?.fields).toMatchObject({ feed: "orders", verdict: lie });
    expect(await reactions.caughtUp()).toBe(false);
    expect(valuesOf(await effects(pair.insights))).toEqual(upTo(4));

    await reactions.resumeAt("orders", 2);
    await confirm(pair.orders, "a", 99);
    const goesOn = { beyond_head: [99], other_epoch: [3, 4, 99], other_history: [13, 14, 15, 99] }[lie];
    await eventually(async () => expect(valuesOf(await effects(pair.insights)).slice(4)).toEqual(goesOn));
    await expect(reactions.resumeAt("orders", 1_000)).rejects.toThrow("orders has");
  },
);

test("a rebuild under load equals a fold over the feed", async () => {
  await using pair = await startPair();
  await pair.insights.sql`create table total ("order" text primary key, value int not null)`;
  const add = on(confirmed, async ({ order, value }, tx) => {
    await tx`insert into total values (${order}, ${value}) on conflict ("order") do update set value = total.value + excluded.value`;
  });
  const nodes = ["one", "two"].map((node) => pair.start(node, { reactions: [add], timings: { poll: 20, lease: 300, batch: 7 } }));
  const fold = new Map<string, number>();
  const announceAll = async () => {
    for (const value of upTo(150)) {
      const order = String(value % 11);
      await confirm(pair.orders, order, value);
      fold.set(order, (fold.get(order) ?? 0) + value);
    }
  };
  const rebuild = () => nodes[0]!.rebuild(async (tx) => void (await tx`delete from total`));
  const rebuilding = async () => {
    for (const _ of upTo(5)) await rebuild();
  };
  await Promise.all([announceAll(), rebuilding()]);
  await eventually(async () => expect(await nodes[1]!.caughtUp()).toBe(true));
  const rows = await pair.insights.sql<{ order: string; value: number }[]>`select "order", value from total`;
  expect(new Map(rows.map(({ order, value }) => [order, value]))).toEqual(fold);
});

test("a handler that runs while a rebuild commits is undone, even when the cursor stands where it stood", async () => {
  await using pair = await startPair();
  await confirm(pair.orders, "a", 1);
  const [inside, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const record = recordOn("one");
  let runs = 0;
  const reaction = on(confirmed, async (payload, tx, envelope) => {
    runs += 1;
    inside.resolve();
    await goOn.promise;
    await record.run({ ...payload, value: runs }, tx, envelope);
  });
  const reactions = pair.start("one", { reactions: [reaction], timings: { poll: 20 } });
  await inside.promise;
  await reactions.rebuild(async (tx) => void (await tx`delete from effect`));
  goOn.resolve();
  await eventually(async () => expect(valuesOf(await effects(pair.insights))).toEqual([2]));
});

test("while the announcer is away the status says so, and reading goes on when it is back", async () => {
  await using pair = await startPair();
  let isAway = true;
  const read = async (query: FeedQuery) => {
    if (isAway) throw new Error("nobody answers");
    return pair.feed.read(query);
  };
  const reactions = pair.start("one", { read });
  await confirm(pair.orders, "a", 1);
  await eventually(() => expect(pair.log.lines).toMatchObject([{ level: "warn", fields: { error: "nobody answers" } }]));
  expect(await reactions.status()).toMatchObject([{ state: "unreachable", head: null, lag: null, problem: "nobody answers" }]);
  isAway = false;
  await eventually(async () => expect(valuesOf(await effects(pair.insights))).toEqual([1]));
});

test("an event that waits has a lag and an age", async () => {
  await using pair = await startPair();
  for (const value of upTo(3)) await confirm(pair.orders, "a", value);
  await pair.feed.read({ after: 0 });
  await pair.orders.sql`update kernel.feed set occurred_at = now() - interval '1 minute' where position = 1`;
  const hang = Promise.withResolvers<void>();
  const reactions = pair.start("one", { reactions: [on(confirmed, () => hang.promise)] });
  const [status] = await reactions.status();
  expect(status).toMatchObject({ position: 0, head: 3, lag: 3, state: "reading" });
  expect(status!.ageSeconds).toBeGreaterThanOrEqual(60);
  hang.resolve();
});

test("a service without reactions has nothing to read and is caught up", async () => {
  await using pair = await startPair();
  const reactions = pair.start("one", { reactions: [] });
  reactions.nudge("orders");
  expect([await reactions.status(), await reactions.caughtUp()]).toEqual([[], true]);
});
