import type { Sql, Tx } from "../database.ts";
import type { FeedQuery } from "../feed.ts";

/** A place in a feed: the last event that was handled. Position 0 is before the first one, of whatever epoch. */
export interface Place {
  readonly epoch: string | null;
  readonly position: number;
  readonly eventId: string | null;
}

export const START: Place = { epoch: null, position: 0, eventId: null };

/** What a cursor asks its feed for, at most `limit` events. */
export const queryAfter = ({ position, epoch, eventId }: Place, limit: number): FeedQuery => ({
  after: position,
  limit,
  ...(epoch !== null && { epoch }),
  ...(eventId !== null && { afterId: eventId }),
});

/** Whether events of a feed are held at all, and whether some of them wait for another try. */
export interface Held {
  readonly holds: boolean;
  readonly retries: boolean;
}

/** The right to move a cursor, until another node takes it. */
export interface Lease extends Place {
  readonly feed: string;
  readonly token: number;
}

/** Thrown when a cursor was moved or an event was settled by somebody else meanwhile: roll back and look again. */
export class Fenced extends Error {}

/** Makes the cursor of a feed, at the beginning, if there is none. */
export async function createCursor(sql: Sql, feed: string): Promise<void> {
  await sql`insert into kernel.cursor (feed) values (${feed}) on conflict do nothing`;
}

interface Claim {
  readonly node: string;
  /** Milliseconds. */
  readonly lease: number;
}

/**
 * Takes or renews the lease on a feed's cursor; undefined while another node has it. Every claim has a token of its own, so what
 * this node may have left behind is fenced, too.
 */
export async function claim(sql: Sql, feed: string, { node, lease }: Claim): Promise<(Lease & Held) | undefined> {
  const [row] = await sql<(Lease & Held)[]>`
    update kernel.cursor
    set leased_by = ${node}, leased_until = now() + ${lease} * interval '1 millisecond', token = token + 1
    where feed = ${feed} and (leased_by is null or leased_by = ${node} or leased_until < now())
    returning feed, token, epoch, position, event_id,
      exists (select from kernel.held_event where held_event.feed = cursor.feed) as holds,
      exists (select from kernel.held_event where held_event.feed = cursor.feed and status <> 'parked') as retries`;
  return row;
}

/**
 * Moves the cursor and prolongs the lease by so many milliseconds. Do it last in a handler's transaction: until then the
 * row is not locked, so that a node that hangs in a handler cannot keep another one from taking over. Throws Fenced.
 */
export async function moveCursor(tx: Sql | Tx, from: Lease, to: Place, lease: number): Promise<Lease> {
  const { count } = await tx`
    update kernel.cursor
    set epoch = ${to.epoch}, position = ${to.position}, event_id = ${to.eventId},
        leased_until = clock_timestamp() + ${lease} * interval '1 millisecond'
    where feed = ${from.feed} and token = ${from.token} and position = ${from.position}`;
  if (count !== 1) throw new Fenced(`The cursor of ${from.feed} was taken over at ${from.position}.`);
  return { ...from, ...to };
}

/** Gives a lease back, so that another node need not wait for its end. */
export async function releaseCursor(sql: Sql, feed: string, node: string): Promise<void> {
  await sql`update kernel.cursor set leased_by = null, leased_until = null where feed = ${feed} and leased_by = ${node}`;
}

/** All cursors of a service. */
export async function findCursors(sql: Sql): Promise<(Place & { feed: string })[]> {
  return sql<(Place & { feed: string })[]>`select feed, epoch, position, event_id from kernel.cursor`;
}

/** Puts one cursor elsewhere and fences whoever reads there. */
export async function placeCursor(sql: Sql | Tx, feed: string, to: Place): Promise<void> {
  await sql`
    update kernel.cursor
    set epoch = ${to.epoch}, position = ${to.position}, event_id = ${to.eventId}, token = token + 1, leased_by = null, leased_until = null
    where feed = ${feed}`;
}

/** Puts all cursors back to the beginning, forgets what was held, and fences whoever reads. */
export async function resetCursors(tx: Tx): Promise<void> {
  await tx`
    update kernel.cursor
    set epoch = null, position = 0, event_id = null, token = token + 1, leased_by = null, leased_until = null`;
  await tx`delete from kernel.held_event`;
}
