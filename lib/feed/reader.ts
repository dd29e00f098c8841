import { type Attempts, attempts, type Run } from "./attempt.ts";
import { backoff } from "../backoff.ts";
import { bell } from "./bell.ts";
import { claim, createCursor, Fenced, type Lease, moveCursor, type Place, queryAfter, releaseCursor } from "./cursor.ts";
import type { Database, Tx } from "../database.ts";
import type { FeedEvent, FeedPage, FeedQuery, Verdict } from "../feed.ts";
import { BEHIND, heldKeys, holdAgain, holdEvent, nextHeld, settleHeld } from "./held-events.ts";
import { errorFields, type Log } from "../log.ts";

/** So many failures in a row, some two seconds, are more than a service that is still starting. */
const WORTH_TELLING = 6;

/** The part of its lease that a reader spends on several events together, so that nobody takes over before they are committed. */
const BRIEF = 0.1;

/** Milliseconds, except `batch` (events per read) and `tries` (of one event, until it is parked). */
export interface Timings {
  /** Between two looks at a feed of which nobody said that it moved. */
  readonly poll: number;
  /** How long a node that vanished keeps others from reading. A handler that takes longer may be taken over. */
  readonly lease: number;
  readonly firstRetry: number;
  readonly longestRetry: number;
  readonly batch: number;
  readonly tries: number;
}

export interface ReaderOptions {
  readonly feed: string;
  readonly db: Database;
  /** What to do, by the type of the event. */
  readonly runs: ReadonlyMap<string, Run>;
  readonly readPage: (query: FeedQuery) => Promise<FeedPage>;
  readonly log: Log;
  readonly node: string;
  readonly timings: Timings;
}

/** Reads one feed for one service, while this node has the lease on its cursor; else waits for it. */
export class Reader {
  readonly #options: ReaderOptions;
  readonly #attempts: Attempts;
  readonly #bell = bell();
  readonly #running: Promise<void>;
  #lease: Lease | undefined;
  #renewAt = 0;
  #retryAt = Infinity;
  /** There may be events that are held, which others of their key must not overtake. */
  #holds = true;
  #isKnown = false;
  #isReading = false;
  #isStopping = false;
  #alarm: Verdict | undefined;
  #failures = 0;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#attempts = attempts(options);
    this.#running = this.#run();
  }

  /** The feed has moved: read now, if it is this node that reads. */
  nudge(): void {
    if (this.#lease) this.#bell.ring();
  }

  /** The cursor or the held events were changed from outside: look at them again. */
  refresh(): void {
    this.#renewAt = 0;
    this.#bell.ring();
  }

  /** Stops after the event that is being handled and gives the lease back. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#bell.ring();
    // An answer that is still under way will be thrown away, so there is nothing to wait for.
    if (!this.#isReading) await this.#running;
    const { db, feed, node, log } = this.#options;
    await releaseCursor(db.sql, feed, node).catch((error: unknown) =>
      log.warn("A lease could not be given back; it ends by itself.", { feed, ...errorFields(error) }),
    );
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const pause = await this.#pass().catch((error: unknown) => this.#stumble(error));
      if (pause > 0 && !this.#isStopping) await this.#bell.wait(pause);
    }
  }

  /** One round; answers the milliseconds until the next one is due. */
  async #pass(): Promise<number> {
    const { poll, batch } = this.#options.timings;
    const lease = await this.#hold();
    if (!lease) return poll;
    await this.#retryHeld();
    if (this.#isStopping) return 0;
    const page = await this.#read(lease);
    if (!this.#isStopping) await this.#handle(lease, page);
    if (this.#failures >= WORTH_TELLING)
      this.#options.log.info("A feed is read again.", { feed: this.#options.feed, failures: this.#failures });
    this.#failures = 0;
    return page.events.length === batch ? 0 : Math.min(poll, this.#retryAt - performance.now());
  }

  #stumble(error: unknown): number {
    const { feed, log, timings } = this.#options;
    this.#lease = undefined;
    if (error instanceof Fenced) return 0;
    this.#failures += 1;
    if (this.#failures === WORTH_TELLING && !this.#isStopping)
      log.warn("Reading a feed failed; it is tried again.", { feed, ...errorFields(error) });
    return backoff(this.#failures, { first: 50, longest: timings.poll });
  }

  async #hold(): Promise<Lease | undefined> {
    const { db, feed, node, timings } = this.#options;
    if (this.#lease && performance.now() < this.#renewAt) return this.#lease;
    if (!this.#isKnown) await createCursor(db.sql, feed);
    this.#isKnown = true;
    this.#renewAt = performance.now() + timings.lease / 2;
    const claimed = await claim(db.sql, feed, { node, lease: timings.lease });
    this.#retryAt = claimed?.retries ? 0 : Infinity;
    this.#holds = claimed?.holds ?? true;
    this.#lease = claimed;
    return claimed;
  }

  async #read(lease: Lease): Promise<FeedPage> {
    const { readPage, log, timings } = this.#options;
    this.#isReading = true;
    const page = await readPage(queryAfter(lease, timings.batch)).finally(() => (this.#isReading = false));
    const { verdict, head } = page;
    if (verdict && verdict !== this.#alarm) {
      log.error("Reading a feed has stopped: it is not the one that was read before.", {
        feed: lease.feed,
        verdict,
        position: lease.position,
        head,
      });
    }
    this.#alarm = verdict;
    return page;
  }

  async #handle(lease: Lease, { epoch, events }: FeedPage): Promise<void> {
    const { db, feed, runs, timings } = this.#options;
    const last = events.at(-1);
    if (!last) return;
    const wanted = events.filter(({ type }) => runs.has(type));
    if (wanted.length === 0) {
      this.#lease = await moveCursor(db.sql, lease, placeOf(last, epoch), timings.lease);
      return;
    }
    const held = this.#holds ? await heldKeys(db.sql, feed, [...new Set(wanted.map(({ key }) => key))]) : new Set<string>();
    // Nobody reacts to those behind the last one.
    const behind = (event: FeedEvent): Place => placeOf(event === wanted.at(-1) ? last : event, epoch);
    let at = held.size === 0 ? await this.#handleTogether(lease, wanted, behind) : lease;
    for (const event of wanted.filter(({ position }) => position > at.position)) {
      if (this.#isStopping) return;
      at = await this.#handleOne(at, event, { to: behind(event), held });
      this.#lease = at;
    }
  }

  /** Handles events and moves the cursor behind them, in few and brief transactions. Ends before a transaction that fails. */
  async #handleTogether(from: Lease, events: readonly FeedEvent[], behind: (event: FeedEvent) => Place): Promise<Lease> {
    const { lease } = this.#options.timings;
    let at = from;
    for (let rest = events; rest.length > 1 && !this.#isStopping; rest = rest.filter(({ position }) => position > at.position)) {
      const end = performance.now() + lease * BRIEF;
      const isEnough = () => this.#isStopping || performance.now() > end;
      const moved = await this.#attempts.several(rest, isEnough, (tx, last) => moveCursor(tx, at, behind(last), lease));
      if (!moved) break;
      at = this.#lease = moved;
    }
    return at;
  }

  /** Handles an event and moves the cursor, in one transaction; or holds it and moves the cursor, in another one. */
  async #handleOne(from: Lease, event: FeedEvent, { to, held }: { to: Place; held: Set<string> }): Promise<Lease> {
    const { db, feed, timings } = this.#options;
    const move = (tx: Tx) => moveCursor(tx, from, to, timings.lease);
    const failure = held.has(event.key) ? BEHIND : await this.#attempts.one(event, 0, move);
    if (!failure) return { ...from, ...to };
    held.add(event.key);
    this.#holds = true;
    this.#retryAt = Math.min(this.#retryAt, performance.now() + failure.pause);
    return db.transaction(async (tx) => {
      const moved = await move(tx);
      await holdEvent(tx, feed, event, failure);
      return moved;
    });
  }

  async #retryHeld(): Promise<void> {
    const { db, feed } = this.#options;
    if (performance.now() < this.#retryAt) return;
    const next = await nextHeld(db.sql, feed);
    const due = next.filter(({ dueIn }) => dueIn <= 0);
    // After a round there may be more of them, or others behind those that went through.
    this.#retryAt = due.length > 0 ? 0 : performance.now() + (next[0]?.dueIn ?? Infinity);
    for (const event of due) {
      if (this.#isStopping) return;
      const failure = await this.#attempts.one(event, event.tries, (tx) => settleHeld(tx, event));
      if (failure) await holdAgain(db.sql, event, failure);
    }
  }
}

const placeOf = ({ position, id }: FeedEvent, epoch: string): Place => ({ epoch, position, eventId: id });
