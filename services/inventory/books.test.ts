import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { scratchDatabase } from "../../test/support/database.ts";
import type { Database } from "../../lib/database.ts";
import { faultCode } from "../../lib/fault.ts";
import { idFor } from "../../lib/ids.ts";
import { adjustShelf } from "./adjust.ts";
import { allocateOrder } from "./allocate.ts";
import { announceFlips } from "./announce-flips.ts";
import { expire, releaseOrder } from "./release.ts";
import { reserveAll } from "./reserve.ts";
import { aVariant, line, repeat } from "./inventory.support.ts";
import { stock } from "./store.ts";

const SKUS = ["a", "b", "c"];

const sku = fc.constantFrom(...SKUS);
const order = fc.nat(5).map((index) => idFor("ord", `${index}`));
const lines = fc.array(fc.tuple(sku, fc.integer({ min: 1, max: 4 })), { minLength: 1, maxLength: 3 });
const product = fc.record({
  quantity: fc.integer({ min: -2, max: 6 }),
  policy: fc.constantFrom("deny", "deny", "deny", "continue"),
  isTracked: fc.constantFrom(true, true, true, false),
} as const);

/** One thing that happens. A reservation of 0 milliseconds is due at once. */
const anyOperation = fc.oneof(
  fc.record({ what: fc.constant("reserve"), order, lines, time: fc.constantFrom(0, 60_000) } as const),
  fc.record({ what: fc.constant("allocate"), order } as const),
  fc.record({ what: fc.constant("release"), order } as const),
  fc.record({ what: fc.constant("expire") } as const),
  fc.record({ what: fc.constant("adjust"), sku, delta: fc.constantFrom(-3, -1, 1, 2) } as const),
  fc.record({ what: fc.constant("import"), sku, product } as const),
);
type Operation = typeof anyOperation extends fc.Arbitrary<infer T> ? T : never;

async function happen(db: Database, operation: Operation): Promise<void> {
  switch (operation.what) {
    case "reserve": {
      const request = {
        orderId: operation.order,
        requestId: "test",
        lines: operation.lines.map(([name, count]) => line(name, count)),
      };
      return void (await reserveAll(db, operation.time, [request]));
    }
    case "allocate":
      return void (await allocateOrder(db, operation.order));
    case "release":
      return db.transaction((tx) => releaseOrder(tx, operation.order));
    case "expire":
      return expire(db);
    case "adjust":
      return adjust(db, operation.sku, operation.delta);
    case "import":
      return db.transaction(async (tx) => announceFlips(tx, await stock(tx, [aVariant(operation.sku, operation.product)])));
  }
}

async function adjust(db: Database, name: string, delta: number): Promise<void> {
  try {
    await db.transaction((tx) => adjustShelf(tx, { sku: name, delta, reason: "test" }, "test"));
  } catch (error) {
    if (faultCode(error) === undefined) throw error;
  }
}

interface Book {
  readonly sku: string;
  readonly booked: number;
  readonly onHand: number;
  readonly allocated: number;
  readonly reserved: number;
  readonly live: number;
  readonly isAvailable: boolean;
  readonly told: boolean[];
}

const booksOf = (db: Database) => db.sql<Book[]>`
  select sku, on_hand, reserved, coalesce(free > 0, true) as is_available,
    (select coalesce(sum(delta), 0)::bigint from adjustment a where a.sku = s.sku) as booked,
    (select coalesce(sum(quantity), 0)::bigint from reservation r join order_hold using (order_id)
      where r.sku = s.sku and status = 'reserved') as live,
    (select coalesce(sum(quantity), 0)::bigint from reservation r join order_hold using (order_id)
      where r.sku = s.sku and status = 'allocated') as allocated,
    (select coalesce(jsonb_agg(payload -> 'isAvailable' order by sequence), '[]') from kernel.feed where aggregateid = s.sku) as told
  from shelf s order by sku`;

const START = { quantity: 5 };

async function begin(db: Database): Promise<void> {
  await db.sql`truncate shelf, order_hold, reservation, adjustment, kernel.feed`;
  await db.transaction((tx) =>
    stock(
      tx,
      SKUS.map((name) => aVariant(name, START)),
    ),
  );
}

test("whatever happens, also at the same instant, the books stay right and every change is told", async () => {
  await using db = await scratchDatabase("inventory");
  const story = fc.array(fc.array(anyOperation, { minLength: 1, maxLength: 4 }), { minLength: 5, maxLength: 20 });
  const holds = fc.asyncProperty(story, async (moments) => {
    await begin(db);
    for (const moment of moments) await Promise.all(moment.map((operation) => happen(db, operation)));
    for (const { booked, onHand, allocated, reserved, live, isAvailable, told } of await booksOf(db)) {
      expect(onHand + allocated).toBe(booked);
      expect(reserved).toBe(live);
      // Told of every flip and of nothing else: the first shelf was available.
      expect(told).toEqual(told.map((_, index) => index % 2 === 1));
      expect(told.at(-1) ?? true).toBe(isAvailable);
    }
  });
  await fc.assert(holds, { numRuns: 60, endOnFailure: true });
});

const ask = (db: Database, orderId: string, ...wanted: [string, number][]) => {
  const request = { orderId, requestId: "test", lines: wanted.map(([name, count]) => line(name, count)) };
  return reserveAll(db, 60_000, [request]).then(([answer]) => answer!);
};

test("nodes that reserve at the same instant sell the last unit once", async () => {
  await using db = await scratchDatabase("inventory");
  await begin(db);
  for (const name of ["first", "second", "third"]) {
    await db.transaction((tx) => stock(tx, [aVariant(name, { quantity: 1 })]));
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => ask(db, idFor("ord", `${name} ${index}`), [name, 1])),
    );
    expect(answers.map(({ outcome }) => outcome).toSorted()).toEqual(["reserved", ...repeat(29, "short")]);
  }
  expect((await booksOf(db)).map(({ reserved, told }) => [reserved, told]).slice(3)).toEqual(repeat(3, [1, [false]]));
});

test("nodes that reserve for one order at the same instant hold its units once", async () => {
  await using db = await scratchDatabase("inventory");
  await begin(db);
  for (const name of SKUS) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(db, idFor("ord", name), [name, 2])));
    expect(answers).toEqual(repeat(20, answers[0]));
  }
  expect((await booksOf(db)).map(({ reserved }) => reserved)).toEqual([2, 2, 2]);
});

test("nodes that end reservations at the same instant put each back once", async () => {
  await using db = await scratchDatabase("inventory");
  await begin(db);
  await db.transaction((tx) => stock(tx, [aVariant("a", { quantity: 100 })]));
  const request = (index: number) => ({ orderId: idFor("ord", `${index}`), requestId: "test", lines: [line("a", 2)] });
  await reserveAll(
    db,
    0,
    Array.from({ length: 40 }, (_, index) => request(index)),
  );
  await Promise.all([expire(db), expire(db), allocateOrder(db, idFor("ord", "7")), expire(db)]);
  const [a] = await booksOf(db);
  expect([a!.reserved, a!.live, a!.onHand, a!.allocated]).toEqual([0, 0, 98, 2]);
});

test("the database itself refuses a shelf that promises more than it has", async () => {
  await using db = await scratchDatabase("inventory");
  await begin(db);
  await expect(db.sql`update shelf set reserved = 6 where sku = 'a'`).rejects.toThrow("nothing_oversold");
  await expect(db.sql`update shelf set on_hand = -1 where sku = 'a'`).rejects.toThrow("nothing_oversold");
  await expect(db.sql`update shelf set reserved = -1 where sku = 'a'`).rejects.toThrow("shelf_reserved_check");
});
