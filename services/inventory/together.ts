import { isDatabaseDown } from "../../lib/database.ts";

interface Waiting<I, O> {
  readonly item: I;
  resolve(answer: O): void;
  reject(error: unknown): void;
}

/**
 * Does one round of `work` at a time: what is asked for meanwhile goes together into the next, at most `most` at once. So the
 * orders that queue for one shelf share its lock and its commit. `work` answers in the order of its items. A round that
 * fails is done again item by item, so that one bad item does not spoil the others, unless it is the database that is down.
 */
export function together<I, O>(work: (items: readonly I[]) => Promise<readonly O[]>, most: number): (item: I) => Promise<O> {
  const waiting: Waiting<I, O>[] = [];
  let isWorking = false;

  const round = async (batch: readonly Waiting<I, O>[]): Promise<void> => {
    try {
      const answers = await work(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, index) => resolve(answers[index]!));
    } catch (error) {
      if (batch.length === 1 || isDatabaseDown(error)) return batch.forEach(({ reject }) => reject(error));
      for (const one of batch) await round([one]);
    }
  };

  const rounds = async (): Promise<void> => {
    isWorking = true;
    while (waiting.length > 0) await round(waiting.splice(0, most));
    isWorking = false;
  };

  return (item) =>
    new Promise<O>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!isWorking) void rounds();
    });
}
