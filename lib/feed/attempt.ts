import { backoff } from "../backoff.ts";
import { Fenced } from "./cursor.ts";
import { type Database, isDatabaseDown, type Tx } from "../database.ts";
import type { Envelope, FeedEvent } from "../feed.ts";
import type { Hold } from "./held-events.ts";
import { errorFields, type Log } from "../log.ts";
import { inScope } from "../scope.ts";

export type Run = (payload: unknown, tx: Tx, envelope: Envelope) => Promise<void>;

interface Options {
  readonly feed: string;
  readonly db: Database;
  /** What to do, by the type of the event. */
  readonly runs: ReadonlyMap<string, Run>;
  readonly log: Log;
  readonly timings: { readonly firstRetry: number; readonly longestRetry: number; readonly tries: number };
}

export interface Attempts {
  /**
   * Runs the handler of an event that was tried `tries` times before, and `settle`, which notes down that it is done, in one
   * transaction. Answers undefined when that is committed, else how to hold the event. Throws what is not the handler's
   * fault: Fenced, or that the database is away.
   */
  one(event: FeedEvent, tries: number, settle: (tx: Tx) => Promise<unknown>): Promise<Hold | undefined>;
  /**
   * Runs the handlers of the first of these events, until `isEnough`, and `settle` for the last of them, in one transaction.
   * Answers what `settle` did when that is committed. Answers undefined when it failed: trying them one by one shows which of
   * them is to blame, and is refused by `settle` if the commit went through and only its answer was lost. Throws Fenced.
   */
  several<T>(
    events: readonly FeedEvent[],
    isEnough: () => boolean,
    settle: (tx: Tx, last: FeedEvent) => Promise<T>,
  ): Promise<T | undefined>;
}

/** How often in a row the database may go away in the middle of a handler before the handler is blamed for it. */
const PATIENCE = 10;

/** The attempts of one reader. */
export function attempts(options: Options): Attempts {
  const { db, runs } = options;
  let absences = 0;
  return {
    async one(event, tries, settle) {
      try {
        await db.transaction(async (tx) => {
          await react(runs, event, tx);
          await settle(tx);
        });
        absences = 0;
        return undefined;
      } catch (error) {
        if (error instanceof Fenced) throw error;
        absences = isDatabaseDown(error) ? absences + 1 : 0;
        if (absences > 0 && absences < PATIENCE) throw error;
        return holdFor(error, event, tries + 1, options);
      }
    },
    async several(events, isEnough, settle) {
      try {
        return await db.transaction(async (tx) => {
          let last = events[0]!;
          for (last of events) {
            await react(runs, last, tx);
            if (isEnough()) break;
          }
          return settle(tx, last);
        });
      } catch (error) {
        if (error instanceof Fenced) throw error;
        return undefined;
      }
    },
  };
}

async function react(runs: Options["runs"], event: FeedEvent, tx: Tx): Promise<void> {
  const run = runs.get(event.type);
  if (!run) throw new Error(`Nothing reacts to ${event.type} any more.`);
  const { id, position, occurredAt, correlationId, payload } = event;
  const handle = () => run(payload, tx, { id, position, occurredAt, correlationId });
  await (correlationId === null ? handle() : inScope({ requestId: correlationId }, handle));
}

function holdFor(error: unknown, event: FeedEvent, tries: number, { feed, log, timings }: Options): Hold {
  const { id, type, key, position } = event;
  const about = { feed, id, type, key, position, tries, ...errorFields(error) };
  const message = (error instanceof Error ? error.message : String(error)).slice(0, 2000);
  if (tries >= timings.tries) {
    log.error("An event was parked: its handler keeps failing.", about);
    return { status: "parked", tries, pause: 0, error: message };
  }
  log.warn("The handler of an event failed; it is tried again.", about);
  return {
    status: "retrying",
    tries,
    pause: backoff(tries, { first: timings.firstRetry, longest: timings.longestRetry }),
    error: message,
  };
}
