import { createHmac } from "node:crypto";
import type { Sql, Tx } from "../../lib/database.ts";
import { type Fault, fault } from "../../lib/fault.ts";
import type { Resources } from "../../lib/service.ts";
import * as store from "./attempt-store.ts";
import { type Pace, pausesOf } from "./model.ts";

/** Attempts of one kind, counted by email in the database: for all nodes, and alike whether there is such an account or not. */
export interface Attempts {
  /** Throws `rate_limited` when there may be no attempt now. */
  require(email: string): Promise<void>;
  /** Counts one. Throws `rate_limited` when there may be none now; whether it would have been right is not told. */
  count(sql: Sql | Tx, email: string): Promise<void>;
  /** It was right. Throws `rate_limited` when there may be no attempt now. */
  clear(tx: Tx, email: string): Promise<void>;
  /** Whoever has shown otherwise who they are may go on at once. */
  forgive(tx: Tx, email: string): Promise<void>;
}

interface Options {
  readonly r: Pick<Resources, "db">;
  readonly key: Buffer;
  readonly what: string;
  readonly pace: Pace;
}

export function attemptsAt({ r, key, what, pace }: Options): Attempts {
  const pauses = pausesOf(pace);
  // People also type what is no account: what they typed is not kept.
  const rowOf = (email: string) => createHmac("sha256", key).update(`${what}:${email}`).digest();
  const refusal = async (email: string): Promise<Fault> => {
    const retryAfter = Math.max(1, await store.secondsLeft(r.db.sql, rowOf(email)));
    return fault("rate_limited", "Too many attempts. Please wait a moment.", { retryAfter });
  };
  return {
    async require(email) {
      if ((await store.secondsLeft(r.db.sql, rowOf(email))) > 0) throw await refusal(email);
    },
    async count(sql, email) {
      if (!(await store.countFailure(sql, rowOf(email), pauses))) throw await refusal(email);
    },
    async clear(tx, email) {
      if (!(await store.clearFailures(tx, rowOf(email)))) throw await refusal(email);
    },
    forgive: (tx, email) => store.forgive(tx, rowOf(email)),
  };
}
