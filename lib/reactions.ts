import type { z } from "zod";
import type { Run } from "./feed/attempt.ts";
import type { Event } from "./contract.ts";
import { findCursors, placeCursor, queryAfter, resetCursors, START } from "./feed/cursor.ts";
import type { Database, Sql, Tx } from "./database.ts";
import type { Envelope, FeedPage, FeedQuery } from "./feed.ts";
import { countHeld, dropHeld, findParked, type HeldCounts, type ParkedEvent, redriveHeld } from "./feed/held-events.ts";
import { errorFields, type Log } from "./log.ts";
import { Reader, type Timings } from "./feed/reader.ts";

/** What a service does when it learns of an event. */
export interface Reaction {
  readonly event: Event;
  readonly run: Run;
}

/**
 * Declares what is done with an event of another service. `handler` runs in the same transaction that moves the cursor, so
 * its writes are applied exactly once; it must have no other effect. It may be run more than once, and when it throws it
 * is tried again. A payload that does not fit the event's schema counts as a failure.
 */
export const on = <P extends z.ZodType>(
  event: Event<P>,
  handler: (payload: z.output<P>, tx: Tx, envelope: Envelope) => Promise<void>,
): Reaction => ({ event, run: async (payload, tx, envelope) => handler(event.payload.parse(payload), tx, envelope) });

/** How far this service has got with one feed. `lag` counts events, `ageSeconds` is the age of the oldest one not handled yet. */
export interface CursorStatus {
  readonly feed: string;
  readonly epoch: string | null;
  readonly position: number;
  /** Null, as `lag` and `ageSeconds`, while the feed cannot be asked. */
  readonly head: number | null;
  readonly lag: number | null;
  readonly ageSeconds: number | null;
  /** `stopped`: what the feed holds is not what was read before; an operator has to decide. */
  readonly state: "reading" | "stopped" | "unreachable";
  readonly problem?: string;
  readonly held: HeldCounts;
}

/** The running reactions of one service on this node. */
export interface Reactions {
  /** The feeds that are read, by the names of the services that announce them. */
  readonly feeds: readonly string[];
  /** A feed has moved. Cheap; may be called for any feed, at any time. */
  nudge(feed: string): void;
  /** Stops after the events that are being handled and gives the leases back. */
  stop(): Promise<void>;
  status(): Promise<CursorStatus[]>;
  /** True when every feed was read to its head. Events that are held do not count. */
  caughtUp(): Promise<boolean>;
  /** The parked events, the oldest first, at most 1000. */
  parked(): Promise<ParkedEvent[]>;
  /** Has a held event tried again now, with all its tries. False when there is none of this id that could be. */
  redrive(id: string): Promise<boolean>;
  /** Gives a held event up for good; those of its key behind it go on. False when there is none of this id. */
  drop(id: string): Promise<boolean>;
  /** Reads all feeds again from the beginning; `reset` empties the read model, in the same transaction. */
  rebuild(reset: (tx: Tx) => Promise<void>): Promise<void>;
  /** For a stopped cursor: takes the feed as it is now and goes on behind `position`. Throws when it is beyond the head. */
  resumeAt(feed: string, position: number): Promise<void>;
}

interface Options {
  readonly db: Database;
  readonly service: string;
  readonly reactions: readonly Reaction[];
  /** Asks the service that is named like the feed. */
  readonly readFeed: (feed: string, query: FeedQuery) => Promise<FeedPage>;
  readonly log: Log;
  /** The node's id, which no other process may have. */
  readonly node: string;
  readonly timings?: Partial<Timings>;
}

const TIMINGS: Timings = { poll: 1_000, lease: 5_000, firstRetry: 200, longestRetry: 30_000, batch: 100, tries: 8 };

/** Starts to read the feeds of all events that a service reacts to. Throws when two reactions are for the same event. */
export function startReactions(options: Options): Reactions {
  const { db, service, reactions, readFeed, log, node } = options;
  const timings = { ...TIMINGS, ...options.timings };
  const readers = new Map<string, Reader>();
  for (const [feed, runs] of byFeed(service, reactions)) {
    const readPage = (query: FeedQuery) => readFeed(feed, query);
    readers.set(feed, new Reader({ feed, db, runs, readPage, log, node, timings }));
  }
  const feeds = [...readers.keys()];
  const refresh = () => readers.forEach((reader) => reader.refresh());
  const status = () => statusOf(db.sql, feeds, readFeed);
  return {
    feeds,
    nudge: (feed) => readers.get(feed)?.nudge(),
    stop: async () => void (await Promise.all([...readers.values()].map((reader) => reader.stop()))),
    status,
    caughtUp: async () => (await status()).every(({ state, lag }) => state === "reading" && lag === 0),
    parked: () => findParked(db.sql),
    redrive: (id) => redriveHeld(db.sql, id).finally(refresh),
    drop: (id) => dropHeld(db.sql, id).finally(refresh),
    rebuild: (reset) => rebuild(db, reset).finally(refresh),
    resumeAt: (feed, position) => resumeAt(db.sql, feed, position, readFeed).finally(refresh),
  };
}

function byFeed(service: string, reactions: readonly Reaction[]): Map<string, Map<string, Run>> {
  const feeds = new Map<string, Map<string, Run>>();
  for (const { event, run } of reactions) {
    const [feed = ""] = event.name.split(".");
    const runs = feeds.get(feed) ?? new Map<string, Run>();
    if (runs.has(event.name)) throw new Error(`${service} reacts twice to ${event.name}.`);
    feeds.set(feed, runs.set(event.name, run));
  }
  return feeds;
}

async function rebuild(db: Database, reset: (tx: Tx) => Promise<void>): Promise<void> {
  await db.transaction(async (tx) => {
    // First, so that a handler that is running now can no longer commit after `reset` has looked.
    await resetCursors(tx);
    await reset(tx);
  });
}

async function resumeAt(sql: Sql, feed: string, position: number, readFeed: Options["readFeed"]): Promise<void> {
  const { epoch, head, events } = await readFeed(feed, { after: Math.max(0, position - 1), limit: 1 });
  if (position > head) throw new Error(`${feed} has ${head} events, so nothing can go on behind ${position}.`);
  const eventId = position === 0 ? null : (events[0]?.id ?? null);
  await placeCursor(sql, feed, { epoch, position, eventId });
}

const NONE: HeldCounts = { retrying: 0, waiting: 0, parked: 0 };

async function statusOf(sql: Sql, feeds: string[], readFeed: Options["readFeed"]): Promise<CursorStatus[]> {
  const [cursors, held] = await Promise.all([findCursors(sql), countHeld(sql)]);
  return Promise.all(
    feeds.map(async (feed) => {
      const place = cursors.find((cursor) => cursor.feed === feed) ?? START;
      const { epoch, position } = place;
      const common = { feed, epoch, position, held: held.get(feed) ?? NONE };
      return readFeed(feed, queryAfter(place, 1)).then(
        (page) => ({ ...common, ...progress(position, page) }),
        (error: unknown) => ({ ...common, ...UNKNOWN, problem: String(errorFields(error).error) }),
      );
    }),
  );
}

const UNKNOWN = { head: null, lag: null, ageSeconds: null, state: "unreachable" } as const;

function progress(position: number, { head, now, events, verdict }: FeedPage) {
  if (verdict) return { head, lag: Math.max(0, head - position), ageSeconds: null, state: "stopped" as const, problem: verdict };
  const ageSeconds = events[0] ? Math.max(0, Date.parse(now) - Date.parse(events[0].occurredAt)) / 1000 : 0;
  return { head, lag: head - position, ageSeconds, state: "reading" as const };
}
