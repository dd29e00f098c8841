import type { Sql, Tx } from "../database.ts";
import type { FeedEvent } from "../feed.ts";
import { Fenced } from "./cursor.ts";

/** An event whose handler has failed, or one that waits behind such a one of the same key. */
export interface HeldEvent extends FeedEvent {
  readonly tries: number;
  /** Milliseconds until the next try; none or less: now. */
  readonly dueIn: number;
}

/** An event that was given up after too many tries. Events of its key wait behind it until it is redriven or dropped. */
export interface ParkedEvent extends FeedEvent {
  readonly feed: string;
  readonly tries: number;
  readonly error: string;
  readonly heldAt: string;
  /** How many events wait behind it. */
  readonly waiting: number;
}

export interface HeldCounts {
  readonly retrying: number;
  readonly waiting: number;
  readonly parked: number;
}

/** Why an event is held: it failed, and is tried again after `pause` milliseconds; it was given up; or it waits behind another one. */
export interface Hold {
  readonly status: "retrying" | "parked" | "waiting";
  readonly tries: number;
  readonly pause: number;
  readonly error: string | null;
}

export const BEHIND: Hold = { status: "waiting", tries: 0, pause: 0, error: null };

/** Puts an event aside, so that others go on: because it failed, or behind an earlier one of its key. */
export async function holdEvent(tx: Tx, feed: string, event: FeedEvent, because: Hold): Promise<void> {
  await tx`
    insert into kernel.held_event
      (id, feed, position, type, key, payload, occurred_at, correlation_id, status, tries, next_try_at, error)
    values (${event.id}, ${feed}, ${event.position}, ${event.type}, ${event.key}, ${JSON.stringify(event.payload)}::text::jsonb,
      ${event.occurredAt}, ${event.correlationId}, ${because.status}, ${because.tries},
      now() + ${because.pause} * interval '1 millisecond', ${because.error})`;
}

/** Which of these keys have held events. */
export async function heldKeys(sql: Sql, feed: string, keys: string[]): Promise<Set<string>> {
  const rows = await sql<
    { key: string }[]
  >`select distinct key from kernel.held_event where feed = ${feed} and key = any(${keys})`;
  return new Set(rows.map(({ key }) => key));
}

/**
 * The next events to be tried again, the most urgent first, at most 20: of each key the first one, unless it is parked.
 * That an event is the first is looked up, not noted down, so that nothing can be forgotten behind one that is gone.
 */
export async function nextHeld(sql: Sql, feed: string): Promise<HeldEvent[]> {
  return sql<HeldEvent[]>`
    select id, position, type, key, payload, occurred_at, correlation_id, tries,
      extract(epoch from next_try_at - now())::float8 * 1000 as due_in
    from kernel.held_event as held
    where feed = ${feed} and status <> 'parked' and not exists (
      select from kernel.held_event as earlier
      where earlier.feed = held.feed and earlier.key = held.key and earlier.position < held.position)
    order by next_try_at, position
    limit 20`;
}

/** Takes an event that was handled out of the hold, in the handler's transaction. Throws Fenced when it is no longer there. */
export async function settleHeld(tx: Tx, { id }: HeldEvent): Promise<void> {
  const { count } = await tx`delete from kernel.held_event where id = ${id}`;
  if (count !== 1) throw new Fenced(`Event ${id} was settled by somebody else.`);
}

/** Notes another failure down, unless somebody else has done so. */
export async function holdAgain(sql: Sql, { id, tries }: HeldEvent, failure: Hold): Promise<void> {
  await sql`
    update kernel.held_event
    set status = ${failure.status}, tries = ${failure.tries}, error = ${failure.error},
        next_try_at = now() + ${failure.pause} * interval '1 millisecond'
    where id = ${id} and tries = ${tries}`;
}

/** The parked events of a service, the oldest first, at most 1000. */
export async function findParked(sql: Sql): Promise<ParkedEvent[]> {
  return sql<ParkedEvent[]>`
    select id, feed, position, type, key, payload, occurred_at, correlation_id, tries, error, held_at,
      (select count(*) from kernel.held_event as later
       where later.feed = parked.feed and later.key = parked.key and later.position > parked.position) as waiting
    from kernel.held_event as parked
    where status = 'parked'
    order by held_at, position
    limit 1000`;
}

/** Has an event tried again now, with all its tries. False when it is not held. */
export async function redriveHeld(sql: Sql, id: string): Promise<boolean> {
  const { count } = await sql`
    update kernel.held_event set status = 'retrying', tries = 0, next_try_at = now() where id = ${id} and status <> 'waiting'`;
  return count === 1;
}

/** Gives an event up for good; those behind it go on. False when it is not held. */
export async function dropHeld(sql: Sql, id: string): Promise<boolean> {
  const { count } = await sql`delete from kernel.held_event where id = ${id}`;
  return count === 1;
}

/** How many events are held, per feed. */
export async function countHeld(sql: Sql): Promise<Map<string, HeldCounts>> {
  const rows = await sql<({ feed: string } & HeldCounts)[]>`
    select feed, count(*) filter (where status = 'retrying') as retrying, count(*) filter (where status = 'waiting') as waiting,
      count(*) filter (where status = 'parked') as parked
    from kernel.held_event
    group by feed`;
  return new Map(rows.map(({ feed, ...counts }) => [feed, counts]));
}
