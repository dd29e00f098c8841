import { setTimeout as pause } from "node:timers/promises";
import { backoff } from "../backoff.ts";
import { LinkDownError } from "./errors.ts";
import { openPair, type Outgoing, type Pair, type Wanted } from "./pair.ts";

// The least pause is half of the first. It is long enough for every node that waits for this one to see that it is away, and
// so nobody waits for an answer that was lost with the connection.
const PAUSES = { first: 500, longest: 2_000 };

/** What happens to a link. */
export interface LinkEvents {
  onUp(how: { isFirst: boolean }): void;
  onDown(why: string): void;
  /** Redis cannot be reached; the link goes on trying. */
  onTrouble(why: string): void;
}

/** The way to Redis: at any moment one pair of connections or none, opened again for as long as it is not closed. */
export interface Link {
  /** Opens it. Resolves when it is up for the first time, however long that takes; rejects when it is closed before. */
  open(wanted: Wanted): Promise<void>;
  /** Answers for each how many received it. Rejects with a LinkDownError when nothing was sent, with another error when nobody knows. */
  publish(packets: readonly Outgoing[]): Promise<number>[];
  /** How many are subscribed, in the order of the channels. */
  countSubscribers(channels: readonly string[]): Promise<number[]>;
  /** Whether the counts are true. They are not in a Redis Cluster, where each node knows only its own subscribers. */
  readonly knowsAllSubscribers: boolean;
  close(): void;
}

/** Makes a link that is not open yet. */
export function createLink({ onUp, onDown, onTrouble }: LinkEvents): Link {
  const closing = new AbortController();
  const firstUp = Promise.withResolvers<void>();
  let pair: Pair | undefined;
  let hasBeenUp = false;
  // Closing a link that nobody opened is not an error.
  firstUp.promise.catch(() => {});

  async function live(wanted: Wanted): Promise<void> {
    const opened = await openPair(wanted);
    try {
      if (closing.signal.aborted) return;
      pair = opened;
      onUp({ isFirst: !hasBeenUp });
      hasBeenUp = true;
      firstUp.resolve();
      const why = await opened.lost;
      pair = undefined;
      if (!closing.signal.aborted) onDown(why);
    } finally {
      pair = undefined;
      opened.end();
    }
  }

  async function keepAlive(wanted: Wanted): Promise<void> {
    let failures = 0;
    while (!closing.signal.aborted) {
      try {
        await live(wanted);
        failures = 0;
      } catch (error) {
        failures++;
        onTrouble((error as Error).message);
      }
      const time = backoff(Math.max(failures, 1), PAUSES);
      await pause(time, undefined, { signal: closing.signal }).catch(() => "closed");
    }
  }

  return {
    open(wanted) {
      void keepAlive(wanted);
      return firstUp.promise;
    },
    publish: (packets) => pair?.publish(packets) ?? packets.map(noLink),
    countSubscribers: (channels) => pair?.countSubscribers(channels) ?? noLink(),
    get knowsAllSubscribers() {
      return pair?.knowsAllSubscribers ?? false;
    },
    close() {
      closing.abort();
      firstUp.reject(new LinkDownError("the link was closed before it was up"));
      pair?.end();
    },
  };
}

const noLink = (): Promise<never> => Promise.reject(new LinkDownError("there is no connection to Redis"));
