import { setTimeout as pause } from "node:timers/promises";

/**
 * Answers what `look` answers as soon as it no longer throws, looking again every few milliseconds; after `patience`
 * milliseconds throws what it threw last. This is how a test waits for something instead of sleeping.
 */
export async function eventually<T>(look: () => T | Promise<T>, patience = 20_000): Promise<T> {
  const deadline = performance.now() + patience;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(5);
    }
  }
}
