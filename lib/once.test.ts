import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { scratchDatabase, type ScratchDatabase } from "../test/support/database.ts";
import { statementsOf } from "../test/support/statements.ts";
import { faultCode } from "./fault.ts";
import { once, undoOnce } from "./once.ts";
import { gate } from "./saga/saga.support.ts";

let db: ScratchDatabase;
let tests = 0;
let key: string;

beforeAll(async () => {
  db = await scratchDatabase();
  await db.sql`create table shelf (free int not null)`;
});
beforeEach(async () => {
  key = `key-${++tests}`;
  await db.sql`truncate shelf`;
  await db.sql`insert into shelf values (10)`;
});
afterAll(async () => db[Symbol.asyncDispose]());

const taken = { outcome: "taken", free: 9 } as const;
const cancelled = { outcome: "cancelled" } as const;

const take = (during: () => Promise<void> = async () => {}) =>
  db.transaction((tx) =>
    once(
      tx,
      key,
      async () => {
        const [shelf] = await tx<[{ free: number }]>`update shelf set free = free - 1 returning free`;
        await during();
        return { outcome: "taken" as const, free: shelf.free };
      },
      { cancelled },
    ),
  );

const giveBack = () =>
  db.transaction((tx) => undoOnce<typeof taken>(tx, key, async () => void (await tx`update shelf set free = free + 1`)));

const free = async () => (await db.sql<[{ free: number }]>`select free from shelf`)[0].free;

/** Resolves when some transaction waits for another one. */
async function someoneWaits() {
  for (;;) {
    const rows = await db.sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    if (rows.length > 0) return;
  }
}

test("the second call gets the first one's answer and changes nothing", async () => {
  expect(await take()).toEqual(taken);
  expect(await take()).toEqual(taken);
  expect(await free()).toBe(9);
});

test("a result of nothing is kept as nothing", async () => {
  for (const _ of ["first", "second"]) {
    expect(await db.transaction((tx) => once(tx, key, async () => undefined))).toBeUndefined();
  }
});

test("a call at the same instant waits for the first and gets its answer", async () => {
  const inside = gate();
  const leave = gate();
  const first = take(() => (inside.open(), leave.opened));
  await inside.opened;
  const second = take();
  await someoneWaits();
  leave.open();
  expect(await Promise.all([first, second])).toEqual([taken, taken]);
  expect(await free()).toBe(9);
});

test("a call at the same instant does the work when the first one fails", async () => {
  const inside = gate();
  const leave = gate();
  const first = take(async () => {
    inside.open();
    await leave.opened;
    throw new Error("the power went out");
  });
  await inside.opened;
  const second = take();
  await someoneWaits();
  leave.open();
  await expect(first).rejects.toThrow("the power went out");
  expect(await second).toEqual(taken);
  expect(await free()).toBe(9);
});

test("ten calls at once take one", async () => {
  const answers = await Promise.all(Array.from({ length: 10 }, () => take()));
  expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(["taken"]));
  expect(await free()).toBe(9);
});

test("work that throws leaves nothing", async () => {
  await expect(take(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await free()).toBe(10);
  expect(await db.sql`select from kernel.once where key = ${key}`).toHaveLength(0);
});

test("what is undone first never happens, however often it comes", async () => {
  await giveBack();
  expect(await take()).toEqual(cancelled);
  expect(await take()).toEqual(cancelled);
  expect(await free()).toBe(10);
});

test("without an answer for it, a cancelled call is a conflict", async () => {
  await giveBack();
  const late = db.transaction((tx) => once(tx, key, async () => "never"));
  expect(faultCode(await late.catch((error: unknown) => error))).toBe("conflict");
});

test("undoing twice gives back once, and the key stays dead", async () => {
  await take();
  await giveBack();
  await giveBack();
  expect(await free()).toBe(10);
  expect(await take()).toEqual(cancelled);
});

test("the undo gets what the work kept", async () => {
  await take();
  const kept: unknown[] = [];
  await db.transaction((tx) => undoOnce(tx, key, async (result) => void kept.push(result)));
  expect(kept).toEqual([taken]);
});

test("an undo that throws can be tried again", async () => {
  await take();
  const broken = db.transaction((tx) => undoOnce(tx, key, () => Promise.reject(new Error("no"))));
  await expect(broken).rejects.toThrow("no");
  await giveBack();
  expect(await free()).toBe(10);
});

test("an undo waits for the work that is running, and takes it back", async () => {
  const inside = gate();
  const leave = gate();
  const work = take(() => (inside.open(), leave.opened));
  await inside.opened;
  const undone = giveBack();
  await someoneWaits();
  leave.open();
  expect(await work).toEqual(taken);
  await undone;
  expect(await free()).toBe(10);
});

test("two undos at the same instant give back once", async () => {
  const inside = gate();
  const leave = gate();
  await take();
  const first = db.transaction((tx) => undoOnce(tx, key, async () => (inside.open(), leave.opened)));
  await inside.opened;
  const second = giveBack();
  await someoneWaits();
  leave.open();
  await Promise.all([first, second]);
  expect(await free()).toBe(9);
});

test("work that arrives while its undo is running waits and is cancelled", async () => {
  const inside = gate();
  const leave = gate();
  const undone = db.transaction(async (tx) => {
    await undoOnce(tx, key, async () => {});
    inside.open();
    await leave.opened;
  });
  await inside.opened;
  const late = take();
  await someoneWaits();
  leave.open();
  await undone;
  expect(await late).toEqual(cancelled);
  expect(await free()).toBe(10);
});

test("the first call costs two statements, a later one and an undo one each", async () => {
  const call = () => db.transaction((tx) => once(tx, key, async () => "nothing"));
  const undo = () => db.transaction((tx) => undoOnce(tx, key, async () => {}));
  expect(await statementsOf(db, call)).toHaveLength(2);
  expect(await statementsOf(db, call)).toHaveLength(1);
  expect(await statementsOf(db, undo)).toHaveLength(1);
});

test("work and undo in a race, in any order, leave the shelf as it was", async () => {
  await Promise.all([take(), giveBack(), take(), giveBack()]);
  expect(await free()).toBe(10);
  expect(await take()).toEqual(cancelled);
});
