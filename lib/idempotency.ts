import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Database, Tx } from "./database.ts";
import { fault } from "./fault.ts";

/** What a request from outside says about being sent twice. */
export interface IdempotencyKey {
  /** Caller, method and concrete path: another caller's same key is another key. */
  readonly scope: string;
  readonly key: string;
  /** A hash of the body. */
  readonly fingerprint: string;
}

/** An answer as it was given and as it will be given again. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** The right to work under a key, until it is answered or given back. */
export interface Claim {
  /** Stores the answer in the transaction of the effect. Throws `request_in_progress` when the claim was lost meanwhile. */
  answer(tx: Tx, answer: Answer): Promise<void>;
  /** Gives the key back: nothing was done under it. */
  release(): Promise<void>;
}

const LEASE = "3 seconds";
const RENEW = 1_000;
const POLL = 40;

/**
 * Takes the key, or returns the answer that was given under it. A second request with the same key waits for the first;
 * a key left behind by a crash is free when its lease ends. Kept for 24 hours, as Stripe does
 * (https://docs.stripe.com/api/idempotent_requests).
 *
 * @throws `idempotency_key_reused` when the key was used with another body, `request_in_progress` when the first request
 * has not answered within `wait` milliseconds.
 */
export async function claimKey(db: Database, key: IdempotencyKey, wait: number): Promise<Claim | Answer> {
  const token = randomUUID();
  const until = performance.now() + wait;
  for (;;) {
    if (await take(db, key, token)) return claim(db, key, token);
    const [row] = await db.sql<{ fingerprint: string; status: number | null; answer: unknown }[]>`
      select fingerprint, status, answer from kernel.idempotency_key where scope = ${key.scope} and key = ${key.key}`;
    if (row && row.fingerprint !== key.fingerprint) throw fault("idempotency_key_reused");
    if (row?.status) return { status: row.status, body: row.answer };
    if (performance.now() > until) throw fault("request_in_progress", undefined, { retryAfter: 1 });
    await sleep(POLL);
  }
}

/** True when `found` is an earlier answer and not the right to work. */
export const isAnswer = (found: Claim | Answer): found is Answer => "status" in found;

async function take({ sql }: Database, { scope, key, fingerprint }: IdempotencyKey, token: string): Promise<boolean> {
  const taken = await sql`
    insert into kernel.idempotency_key as old (scope, key, fingerprint, token, lease_until)
    values (${scope}, ${key}, ${fingerprint}, ${token}, now() + ${LEASE}::interval)
    on conflict (scope, key) do update
      set token = excluded.token, fingerprint = excluded.fingerprint, lease_until = excluded.lease_until,
          status = null, answer = null, created_at = now()
      where (old.lease_until < now() and old.fingerprint = excluded.fingerprint) or old.created_at < now() - interval '24 hours'
    returning 1`;
  return taken.length === 1;
}

function claim({ sql }: Database, { scope, key }: IdempotencyKey, token: string): Claim {
  const mine = sql`scope = ${scope} and key = ${key} and token = ${token} and lease_until is not null`;
  const renewal = setInterval(() => {
    // A renewal that fails leaves the lease to run out, which is what the lease is for; the answer is fenced by the token.
    sql`update kernel.idempotency_key set lease_until = now() + ${LEASE}::interval where ${mine}`.catch(() =>
      clearInterval(renewal),
    );
  }, RENEW);
  renewal.unref();
  return {
    async answer(tx, { status, body }) {
      clearInterval(renewal);
      const stored = await tx`
        update kernel.idempotency_key set lease_until = null, status = ${status}, answer = ${tx.json(body as never)}
        where scope = ${scope} and key = ${key} and token = ${token} and lease_until is not null returning 1`;
      if (stored.length === 0) throw fault("request_in_progress", undefined, { retryAfter: 1 });
    },
    async release() {
      clearInterval(renewal);
      await sql`delete from kernel.idempotency_key where ${mine}`;
    },
  };
}

/** Forgets keys that are older than 24 hours, some at a time. */
export async function trimKeys({ sql }: Database): Promise<void> {
  await sql`
    delete from kernel.idempotency_key where ctid in (
      select ctid from kernel.idempotency_key where created_at < now() - interval '24 hours' limit 1000)`;
}
