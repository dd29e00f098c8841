import { z } from "zod";
import { scratchDatabase } from "../../test/support/database.ts";
import { keptLog } from "../../test/support/logs.ts";
import { event } from "../contract.ts";
import type { Database, Tx } from "../database.ts";
import { announce, type Feed, openFeed } from "../feed.ts";
import { on, type Reaction, type Reactions, startReactions } from "../reactions.ts";
import type { Timings } from "./reader.ts";

const Payload = z.object({ order: z.string(), value: z.int() });
export const confirmed = event("orders.confirmed", "order", Payload);
export const cancelled = event("orders.cancelled", "order", Payload);

/** Announces `value` for `order` in a transaction of its own. */
export const confirm = (db: Database, order: string, value: number): Promise<void> =>
  db.transaction((tx) => announce(tx, confirmed, { order, value }));

/** A transaction that stays open until the test says how it ends. */
export interface OpenTransaction {
  readonly tx: Tx;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

class RolledBack extends Error {}

export async function openTransaction(db: Database): Promise<OpenTransaction> {
  const opened = Promise.withResolvers<Tx>();
  const end = Promise.withResolvers<void>();
  const done = db.transaction((tx) => {
    opened.resolve(tx);
    return end.promise;
  });
  const rolledBack = done.catch((error: unknown) => {
    if (!(error instanceof RolledBack)) throw error;
  });
  return {
    tx: await opened.promise,
    commit: () => (end.resolve(), done),
    rollback: () => (end.reject(new RolledBack()), rolledBack),
  };
}

export interface Effect {
  readonly eventId: string;
  readonly position: number;
  readonly order: string;
  readonly value: number;
  readonly node: string;
}

/** The values that were applied, in the order in which they were. */
export const valuesOf = (list: Effect[]): number[] => list.map(({ value }) => value);

/** Notes down, in the handler's transaction, that an event was handled. Twice is possible, so that a test would see it. */
export const recordOn = (node: string): Reaction =>
  on(confirmed, async ({ order, value }, tx, { id, position }) => {
    await tx`insert into effect (event_id, position, "order", value, node) values (${id}, ${position}, ${order}, ${value}, ${node})`;
  });

export const effects = async (db: Database): Promise<Effect[]> => [
  ...(await db.sql<Effect[]>`select event_id, position, "order", value, node from effect order by number`),
];

/** An announcer "orders" and a subscriber with a table of effects, each with a database of its own. */
export async function startPair() {
  const [orders, insights] = await Promise.all([scratchDatabase(), scratchDatabase()]);
  await insights.sql`
    create table effect (number bigint generated always as identity, event_id text, position bigint, "order" text, value int, node text)`;
  const feed = openFeed(orders, "orders");
  const log = keptLog();
  const started: Reactions[] = [];
  const start = (node: string, { reactions = [recordOn(node)], read = feed.read, timings = {} }: Start = {}): Reactions => {
    const running = startReactions({
      db: insights,
      service: "insights",
      reactions,
      readFeed: (_feed, query) => read(query),
      log,
      node,
      timings,
    });
    started.push(running);
    return running;
  };
  return {
    orders,
    insights,
    feed,
    log,
    start,
    async [Symbol.asyncDispose]() {
      await Promise.all(started.map((reactions) => reactions.stop()));
      await Promise.all([orders, insights].map((db) => db[Symbol.asyncDispose]()));
    },
  };
}

interface Start {
  readonly reactions?: Reaction[];
  readonly read?: Feed["read"];
  readonly timings?: Partial<Timings>;
}
