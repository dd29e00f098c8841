import { readdir } from "node:fs/promises";
import { setPriority } from "node:os";

const NICE = 10;

/** Lets a process that is only starting up stand back behind those that serve. */
export const beNice = (pid: number): Promise<void> => set(pid, NICE);

/** Ends that. */
export const beNormal = (pid: number): Promise<void> => set(pid, 0);

// Only root may take niceness back, so for anybody else nodes start as they are. Linux keeps it for each thread.
async function set(pid: number, priority: number): Promise<void> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return;
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  for (const thread of threads) {
    try {
      setPriority(Number(thread), priority);
    } catch (error) {
      if ((error as { info?: { code?: string } }).info?.code !== "ESRCH") throw error;
    }
  }
}
