const INTERVAL = 100;

interface Parts {
  /** The nodes that calls of ours wait for. */
  readonly waitedFor: () => ReadonlySet<string>;
  /** How many are subscribed to the requests of each, in that order. */
  readonly countSubscribers: (nodes: readonly string[]) => Promise<number[]>;
  /** A node that is waited for has no connection to Redis any more. */
  readonly onGone: (node: string) => void;
}

/** Asks Redis ten times a second whether the nodes that calls wait for are still there; idle when no call waits. */
export interface PeerWatch {
  /** A call went out. */
  start(): void;
  stop(): void;
}

/** A killed process closes its connections, so its subscriptions are gone within milliseconds, long before its heartbeat is missed. */
export function watchPeers({ waitedFor, countSubscribers, onGone }: Parts): PeerWatch {
  let timer: NodeJS.Timeout | undefined;
  let isAsking = false;

  async function ask(nodes: readonly string[]): Promise<void> {
    isAsking = true;
    try {
      const counts = await countSubscribers(nodes);
      for (const [at, node] of nodes.entries()) if (counts[at] === 0) onGone(node);
    } catch {
      // Without a connection there is nothing to learn, and every waiting call has been told so.
    } finally {
      isAsking = false;
    }
  }

  function look(): void {
    const nodes = [...waitedFor()];
    if (nodes.length === 0) return stop();
    if (!isAsking) void ask(nodes);
  }

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
  }

  return { start: () => void (timer ??= setInterval(look, INTERVAL).unref()), stop };
}
