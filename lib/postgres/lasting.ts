import { setTimeout as sleep } from "node:timers/promises";
import type { DataFolder } from "../data-folder.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded.ts";

/** An embedded PostgreSQL that is started again when it dies. */
export interface LastingPostgres {
  /** Stays the same over restarts. */
  readonly url: string;
  stop(): Promise<void>;
}

type Say = (line: string) => void;

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;

/** Starts PostgreSQL from the folder, and again on the same port whenever it ends without having been stopped. `say` hears of it. */
export async function startLastingPostgres(folder: DataFolder, say: Say): Promise<LastingPostgres> {
  let current = await startEmbeddedPostgres(folder);
  const { url, port } = current;
  const stopping = new AbortController();
  const watch = async (): Promise<void> => {
    for (;;) {
      await current.ended;
      if (stopping.signal.aborted) return;
      say("PostgreSQL has died and is started again");
      const next = await startAgain(folder, port, say, stopping.signal);
      if (!next) return;
      current = next;
      // Somebody stopped it while it was coming up.
      if (stopping.signal.aborted) return current.stop();
    }
  };
  const watched = watch();
  return {
    url,
    async stop() {
      stopping.abort();
      await current.stop();
      await watched;
    },
  };
}

async function startAgain(
  folder: DataFolder,
  port: number,
  say: Say,
  signal: AbortSignal,
): Promise<EmbeddedPostgres | undefined> {
  for (let pause = FIRST_PAUSE; !signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      return await startEmbeddedPostgres(folder, { port });
    } catch (error) {
      say(`PostgreSQL does not start again: ${(error as Error).message}`);
      await sleep(pause, undefined, { ref: false });
    }
  }
  return undefined;
}
