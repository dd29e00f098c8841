import { afterAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { z } from "zod";
import { scratchDatabase } from "../../test/support/database.ts";
import { eventually } from "../../test/support/eventually.ts";
import { cancelled, confirm, confirmed, type OpenTransaction, openTransaction } from "./feed.support.ts";
import type { Database } from "../database.ts";
import { announce, type Feed, type FeedEvent, FeedPage, FeedQuery, openFeed } from "../feed.ts";
import { inScope } from "../scope.ts";

const values = (events: FeedEvent[]) => events.map(({ payload }) => payload.value);
const positions = (events: FeedEvent[]) => events.map(({ position }) => position);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** Reads on, the way a reaction does, and keeps everything. */
function follow(feed: Feed) {
  const seen: FeedEvent[] = [];
  return {
    seen,
    async read(limit = 3) {
      for (;;) {
        const last = seen.at(-1);
        const page = await feed.read({ after: last?.position ?? 0, ...(last && { afterId: last.id }), limit });
        expect(page.verdict).toBeUndefined();
        seen.push(...page.events);
        if (page.events.length < limit) return;
      }
    },
  };
}

test("an announced event arrives with its envelope, as JSON", async () => {
  await using db = await scratchDatabase();
  const feed = openFeed(db, "orders");
  await inScope({ requestId: "req-1" }, () => confirm(db, "a", 1));
  const page = await feed.read({ after: 0, limit: 10 });
  expect(FeedPage.parse(JSON.parse(JSON.stringify(page)))).toEqual(page);
  expect(page).toMatchObject({ head: 1, events: [{ position: 1, type: "orders.confirmed", key: "a", correlationId: "req-1" }] });
  expect(page.events[0]?.payload).toEqual({ order: "a", value: 1 });
  expect(z.toJSONSchema(FeedQuery)).toBeTruthy();
  expect(z.toJSONSchema(FeedPage)).toBeTruthy();
});

test("an event is announced if, and only if, its transaction commits; listeners are told once, when it has its position", async () => {
  await using db = await scratchDatabase();
  const feed = openFeed(db, "orders");
  const told: number[] = [];
  const end = feed.onMoved(async () => told.push((await db.sql`select head from kernel.feed_state`)[0]!.head as number));
  const open = await openTransaction(db);
  await announce(open.tx, confirmed, { order: "a", value: 1 });
  await announce(open.tx, cancelled, { order: "a", value: 2 });
  expect([told, (await feed.read({ after: 0 })).head]).toEqual([[], 0]);
  await open.commit();
  await eventually(() => expect(told).toEqual([2]));
  expect((await feed.read({ after: 0 })).head).toBe(2);
  const lost = await openTransaction(db);
  await announce(lost.tx, confirmed, { order: "a", value: 3 });
  await lost.rollback();
  expect((await feed.read({ after: 0 })).head).toBe(2);
  end();
  await confirm(db, "a", 4);
  expect((await feed.read({ after: 0 })).head).toBe(3);
  expect(told).toEqual([2]);
});

test("a payload that does not fit and an event of another service are refused", async () => {
  await using db = await scratchDatabase();
  await expect(confirm(db, "a", 0.5)).rejects.toThrow(z.ZodError);
  openFeed(db, "carts");
  await expect(confirm(db, "a", 1)).rejects.toThrow("carts cannot announce orders.confirmed");
  expect(() => openFeed(db, "orders")).toThrow("carts");
});

test("transactions that commit in the wrong order skip nothing", async () => {
  await using db = await scratchDatabase();
  const feed = openFeed(db, "orders");
  const reader = follow(feed);
  const [slow, quick] = [await openTransaction(db), await openTransaction(db)];
  await announce(slow.tx, confirmed, { order: "a", value: 1 });
  await announce(quick.tx, confirmed, { order: "b", value: 2 });
  await quick.commit();
  await reader.read();
  expect(values(reader.seen)).toEqual([2]);
  await slow.commit();
  await reader.read();
  expect(values(reader.seen)).toEqual([2, 1]);
  expect(positions(reader.seen)).toEqual([1, 2]);
});

test("an open transaction in another database of the server holds nothing back", async () => {
  await using db = await scratchDatabase();
  await using other = await scratchDatabase();
  const feed = openFeed(db, "orders");
  const open = await openTransaction(other);
  await announce(open.tx, confirmed, { order: "x", value: 9 });
  await confirm(db, "a", 1);
  expect(values((await feed.read({ after: 0 })).events)).toEqual([1]);
  await open.rollback();
});

test("a reader whose past is not the feed's is told so and gets nothing", async () => {
  await using db = await scratchDatabase();
  const feed = openFeed(db, "orders");
  for (const value of upTo(3)) await confirm(db, "a", value);
  const { epoch, events } = await feed.read({ after: 0 });
  const [first, second] = events.map(({ id }) => id);
  const ask = (query: FeedQuery) => feed.read(query).then((page) => [page.verdict, page.events.length]);
  expect(await ask({ after: 2, afterId: second!, epoch })).toEqual([undefined, 1]);
  expect(await ask({ after: 4, afterId: "evt_lost", epoch })).toEqual(["beyond_head", 0]);
  expect(await ask({ after: 2, afterId: first!, epoch })).toEqual(["other_history", 0]);
  expect(await ask({ after: 2, afterId: second!, epoch: "another" })).toEqual(["other_epoch", 0]);
  await db.sql`delete from kernel.feed where position = 2`;
  expect(await ask({ after: 1, afterId: first!, epoch })).toEqual(["other_history", 0]);
});

const step = fc.record({ who: fc.nat(2), what: fc.constantFrom("announce", "announce", "commit", "rollback", "read") });

/** Plays a script of up to three open transactions and one reader; answers the values that were committed. */
async function play(db: Database, script: { who: number; what: string }[], read: () => Promise<void>): Promise<number[]> {
  const open = new Map<number, { transaction: OpenTransaction; values: number[] }>();
  const committed: number[] = [];
  const finish = async (who: number, commits: boolean) => {
    const mine = open.get(who);
    open.delete(who);
    await (commits ? mine?.transaction.commit() : mine?.transaction.rollback());
    if (commits) committed.push(...(mine?.values ?? []));
  };
  for (const [value, { who, what }] of script.entries()) {
    if (what === "read") await read();
    else if (what === "announce") {
      const mine = open.get(who) ?? { transaction: await openTransaction(db), values: [] };
      open.set(who, mine);
      await announce(mine.transaction.tx, confirmed, { order: String(who), value });
      mine.values.push(value);
    } else await finish(who, what === "commit");
  }
  for (const who of open.keys()) await finish(who, true);
  return committed;
}

test("however transactions interleave, every committed event is read exactly once, at positions without gaps", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (script) => {
      const feed = await emptyFeed();
      const reader = follow(feed);
      const committed = await play(feed.db, script, reader.read);
      await reader.read();
      expect(values(reader.seen).toSorted()).toEqual(committed.toSorted());
      expect(positions(reader.seen)).toEqual(upTo(committed.length));
    }),
    { numRuns: 60 },
  );
});

test("with many writers and stampers at the same time every reader sees the same feed", async () => {
  await using db = await scratchDatabase();
  const feed = openFeed(db, "orders");
  const readers = [follow(feed), follow(feed), follow(feed)];
  const write = (value: number) =>
    db.transaction(async (tx) => {
      await announce(tx, confirmed, { order: String(value % 7), value });
      if (value % 5 === 0) throw new Error("rolled back");
    });
  const writing = Promise.allSettled(upTo(300).map(write));
  for (let round = 0; round < 20; round++) await Promise.all(readers.map((reader) => reader.read()));
  await writing;
  await Promise.all(readers.map((reader) => reader.read()));
  const [one, two, three] = readers.map(({ seen }) => seen);
  expect(positions(one!)).toEqual(upTo(240));
  expect(new Set(values(one!)).size).toBe(240);
  expect(two).toEqual(one);
  expect(three).toEqual(one);
});

let shared: Awaited<ReturnType<typeof scratchDatabase>> | undefined;
afterAll(async () => shared?.[Symbol.asyncDispose]());

/** The same database with an empty feed: making a new one for each of many runs would take long. */
async function emptyFeed() {
  shared ??= await scratchDatabase();
  const db = shared;
  await db.sql`truncate kernel.feed`;
  await db.sql`update kernel.feed_state set head = 0`;
  return { ...openFeed(db, "orders"), db };
}
