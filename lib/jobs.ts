import { errorFields, type Log } from "./log.ts";
import type { Job } from "./definition.ts";

/** Runs each job again and again, a little apart from other nodes. The answer ends them all and waits for what is under way. */
export function startJobs(jobs: readonly Job[], log: Log): () => Promise<void> {
  const loops = jobs.map((job) => loop(job, log));
  return async () => void (await Promise.all(loops.map((end) => end())));
}

function loop({ name, every, work }: Job, log: Log): () => Promise<void> {
  const stopping = new AbortController();
  let wake: () => void = () => {};
  const round = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await work(stopping.signal).catch((error) => log.warn(`job "${name}" failed and will run again`, errorFields(error)));
      if (!stopping.signal.aborted)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, every * (0.9 + Math.random() * 0.2));
          timer.unref();
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
    }
  };
  const ended = round();
  return async () => {
    stopping.abort();
    wake();
    await ended;
  };
}
