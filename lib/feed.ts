import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Event } from "./contract.ts";
import { afterCommit, type Database, poolOf, type Sql, type Tx } from "./database.ts";
import { newId } from "./ids.ts";
import { currentScope } from "./scope.ts";

/** What a reader asks of a feed: what comes after the last event that it has handled, which it names by position, id and epoch. */
export const FeedQuery = z.object({
  after: z.int().min(0),
  afterId: z.string().optional(),
  epoch: z.string().optional(),
  limit: z.int().min(1).max(1000).default(100),
});
export type FeedQuery = z.input<typeof FeedQuery>;

/** One announced event, as it travels. Positions of a feed start at 1 and have no gaps. */
export const FeedEvent = z.object({
  id: z.string(),
  position: z.int(),
  type: z.string(),
  key: z.string(),
  payload: z.record(z.string(), z.unknown()),
  occurredAt: z.iso.datetime(),
  correlationId: z.string().nullable(),
});
export type FeedEvent = z.output<typeof FeedEvent>;

/** What is known of an event besides its payload. `correlationId` names the request or saga that it came from. */
export type Envelope = Pick<FeedEvent, "id" | "position" | "occurredAt" | "correlationId">;

/**
 * Why a reader must not go on: what it has handled is not the beginning of this feed.
 * - `other_epoch`: it has read another feed, which had the same name;
 * - `beyond_head`: it has handled more than there is, so the feed was restored from a backup;
 * - `other_history`: another event is at its position, or the next ones are missing.
 */
export const Verdict = z.enum(["other_epoch", "beyond_head", "other_history"]);
export type Verdict = z.output<typeof Verdict>;

/** A feed's answer. With a verdict there are no events. `head` is the last position, `now` the clock of the feed's database. */
export const FeedPage = z.object({
  epoch: z.string(),
  head: z.int(),
  now: z.iso.datetime(),
  events: z.array(FeedEvent),
  verdict: Verdict.optional(),
});
export type FeedPage = z.output<typeof FeedPage>;

/** One service's feed, on the announcer's side. */
export interface Feed {
  /** Hands out positions to what was committed meanwhile, then answers what comes after `query.after`. */
  read(query: FeedQuery): Promise<FeedPage>;
  /** Has `listener` called after each commit in this process that announced something. It must not throw. Returns the way to end that. */
  onMoved(listener: () => void): () => void;
}

interface Announcer {
  readonly service: string;
  readonly listeners: Set<() => void>;
  /** Somebody hands out positions now and tells the listeners then. */
  isTelling: boolean;
  /** More was committed meanwhile. */
  isMoved: boolean;
}

/** Milliseconds between two times that listeners are told, so that readers of a busy feed read several events together. */
const GATHER = 100;

const announcers = new WeakMap<Sql, Announcer>();
const announced = new WeakSet<Tx>();

/**
 * Appends an event to the feed of the service whose transaction this is: it is announced if, and only if, the transaction
 * commits. Announce after the change, so that whoever waited for the same row comes later in the feed, too. Throws a
 * ZodError when the payload does not fit, and an error when the event's name belongs to another service.
 */
export const announce = <P extends z.ZodType>(tx: Tx, event: Event<P>, payload: z.input<P>): Promise<void> =>
  announceAll(tx, event, [payload]);

/** Appends several events of one kind, in their order, in one statement. See `announce`. */
export async function announceAll<P extends z.ZodType>(tx: Tx, event: Event<P>, payloads: readonly z.input<P>[]): Promise<void> {
  const [service = ""] = event.name.split(".");
  const announcer = announcerOf(tx);
  if (announcer && announcer.service !== service) throw new Error(`${announcer.service} cannot announce ${event.name}.`);
  if (payloads.length === 0) return;
  const rows = payloads.map((payload) => {
    const body = z.record(z.string(), z.unknown()).parse(event.payload.parse(payload));
    return { id: newId("evt"), key: String(body[event.key]), body };
  });
  await tx`
    insert into kernel.feed (id, aggregatetype, aggregateid, type, payload, correlation_id)
    select row ->> 'id', ${service}, row ->> 'key', ${event.name}, row -> 'body', ${currentScope()?.requestId ?? null}
    from jsonb_array_elements(${JSON.stringify(rows)}::text::jsonb) with ordinality as announced (row, place) order by place`;
  if (!announcer || announced.has(tx)) return;
  announced.add(tx);
  const pool = poolOf(tx)!;
  afterCommit(tx, () => void tell(pool, announcer));
}

/**
 * Tells at once, and again after a while what is announced meanwhile. Positions are handed out before anybody is told, so that
 * each of those who then look need not do it.
 */
async function tell(sql: Sql, announcer: Announcer): Promise<void> {
  announcer.isMoved = true;
  if (announcer.isTelling) return;
  announcer.isTelling = true;
  while (announcer.isMoved) {
    announcer.isMoved = false;
    // When it fails, whoever looks next does it.
    await stamp(sql).catch(() => {});
    announcer.listeners.forEach((listener) => listener());
    await sleep(GATHER, undefined, { ref: false });
  }
  announcer.isTelling = false;
}

const stamp = async (sql: Sql): Promise<void> => void (await sql`select kernel.stamp_feed()`);

function announcerOf(tx: Tx): Announcer | undefined {
  const pool = poolOf(tx);
  return pool && announcers.get(pool);
}

/** The feed of `service`, whose database is `db`. What is announced in transactions of `db` is told to the feed's listeners. */
export function openFeed(db: Database, service: string): Feed {
  const announcer = announcers.get(db.sql) ?? { service, listeners: new Set(), isTelling: false, isMoved: false };
  if (announcer.service !== service) throw new Error(`This database has the feed of ${announcer.service}, not of ${service}.`);
  announcers.set(db.sql, announcer);
  return {
    read: (query) => read(db.sql, FeedQuery.parse(query)),
    onMoved(listener) {
      announcer.listeners.add(listener);
      return () => announcer.listeners.delete(listener);
    },
  };
}

type Query = z.output<typeof FeedQuery>;

async function read(sql: Sql, query: Query): Promise<FeedPage> {
  const first = await look(sql, query);
  if (!first.pending) return judge(first, query);
  await stamp(sql);
  return judge(await look(sql, query), query);
}

interface Look extends Pick<FeedPage, "epoch" | "head" | "now" | "events"> {
  readonly afterId: string | null;
  readonly pending: boolean;
}

async function look(sql: Sql, { after, limit }: Query): Promise<Look> {
  const [row] = await sql<[Look]>`
    select epoch, head, now() as now,
      exists (select from kernel.feed where position is null) as pending,
      (select id from kernel.feed where position = ${after}) as after_id,
      coalesce((
        select jsonb_agg(jsonb_build_object(
          'id', id, 'position', position, 'type', type, 'key', aggregateid, 'payload', payload,
          'occurredAt', to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
          'correlationId', correlation_id) order by position)
        from (select * from kernel.feed where position > ${after} order by position limit ${limit})
      ), '[]') as events
    from kernel.feed_state`;
  return row;
}

function judge({ epoch, head, now, events, afterId }: Look, query: Query): FeedPage {
  const verdict = verdictOn({ epoch, head, events, afterId }, query);
  return verdict ? { epoch, head, now, events: [], verdict } : { epoch, head, now, events };
}

function verdictOn(feed: Pick<Look, "epoch" | "head" | "events" | "afterId">, query: Query): Verdict | undefined {
  if (query.epoch !== undefined && query.epoch !== feed.epoch) return "other_epoch";
  if (query.after > feed.head) return "beyond_head";
  if (query.afterId !== undefined && query.afterId !== feed.afterId) return "other_history";
  const expected = Math.min(query.limit, feed.head - query.after);
  const whole =
    feed.events.length === expected && feed.events.every(({ position }, index) => position === query.after + 1 + index);
  return whole ? undefined : "other_history";
}
