import { setTimeout as sleep } from "node:timers/promises";
import { newId } from "../lib/ids.ts";
import type { Change } from "./contract.ts";

/** Milliseconds that whoever begins a change waits for its end: what cannot be done at all is mostly said by then. */
const WAIT = 1_000;
const KEPT = 50;

/** The last changes that were begun without waiting for their end, with how they came out. They go with the supervisor. */
export class Changes {
  readonly #all: Change[] = [];

  /** Newest first. */
  list(): Change[] {
    return this.#all.map((change) => ({ ...change }));
  }

  /** Begins a change. `work` answers what came of it, for people. What it throws within a second is thrown here. */
  async begin({ what, service }: Pick<Change, "what" | "service">, work: () => Promise<string>): Promise<Change> {
    const startedAt = new Date().toISOString();
    const change: Change = { id: newId("chg"), what, service, status: "running", outcome: null, startedAt, endedAt: null };
    this.#all.unshift(change);
    this.#all.length = Math.min(this.#all.length, KEPT);
    const end = (status: "done" | "failed", outcome: string): void => {
      Object.assign(change, { status, outcome, endedAt: new Date().toISOString() });
    };
    const ended = work().then(
      (outcome) => end("done", outcome),
      (error: Error) => {
        end("failed", error.message);
        throw error;
      },
    );
    // After the wait it is told by the list.
    ended.catch(() => {});
    await Promise.race([ended, sleep(WAIT, undefined, { ref: false })]);
    return { ...change };
  }
}
