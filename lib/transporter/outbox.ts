const MOST_BYTES = 65_536;

/** Payloads that go out as one packet. */
export interface Batch<T> {
  readonly channel: string;
  readonly payloads: Buffer[];
  /** What belongs to each payload. */
  readonly items: T[];
}

/** Gathers what is sent to each channel until the running code gives way, and hands it on together. */
export interface Outbox<T> {
  /** Resolves when the batch has been dealt with, however that went. */
  put(channel: string, payload: Buffer, item: T): Promise<void>;
}

interface Open<T> extends Batch<T> {
  readonly done: Promise<void>;
  readonly finish: (value: Promise<void>) => void;
  bytes: number;
}

/**
 * Calls that start or end together become one packet, with one signature and one PUBLISH: under load this is most of the throughput.
 * A call that is alone waits for nothing: the batch closes when the microtasks of the moment are done.
 */
export function createOutbox<T>(deal: (batches: readonly Batch<T>[]) => Promise<void>[]): Outbox<T> {
  let batches = new Map<string, Open<T>>();

  function flush(): void {
    if (batches.size === 0) return;
    const closed = [...batches.values()];
    batches = new Map();
    for (const [at, dealt] of deal(closed).entries()) closed[at]!.finish(dealt);
  }

  function begin(channel: string): Open<T> {
    if (batches.size === 0) process.nextTick(flush);
    const { promise: done, resolve: finish } = Promise.withResolvers<void>();
    const batch = { channel, payloads: [], items: [], done, finish, bytes: 0 };
    batches.set(channel, batch);
    return batch;
  }

  return {
    put(channel, payload, item) {
      const batch = batches.get(channel) ?? begin(channel);
      batch.payloads.push(payload);
      batch.items.push(item);
      batch.bytes += payload.length;
      if (batch.bytes > MOST_BYTES) flush();
      return batch.done;
    },
  };
}
