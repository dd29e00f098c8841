import type { Sql, Tx } from "../../lib/database.ts";
import type { CustomerId } from "./contract.ts";
import { type FoundToken, SESSION_TIME } from "./model.ts";

interface NewSession {
  readonly id: string;
  readonly customerId: CustomerId;
  /** The version of the password that was checked. */
  readonly passwordVersion: number;
  readonly token: Buffer;
}

const seconds = (sql: Sql | Tx, count: number) => sql`${count} * interval '1 second'`;

/** Opens a session with its first refresh token. False when the password has changed since it was checked. */
export async function openSession(tx: Tx, { id, customerId, passwordVersion, token }: NewSession): Promise<boolean> {
  // Locked, so that a new password, which ends all sessions, comes either before this one or after it.
  const { count } = await tx`
    with owner as (
      select id from customer where id = ${customerId} and password_version = ${passwordVersion} for share
    ), opened as (
      insert into session (id, customer_id, expires_at, ends_at)
      select ${id}, id, now() + ${seconds(tx, SESSION_TIME.idle)}, now() + ${seconds(tx, SESSION_TIME.whole)} from owner
      returning id
    )
    insert into refresh_token (digest, session_id) select ${token}, id from opened`;
  return count === 1;
}

const isLive = (sql: Sql | Tx) => sql`s.ended_at is null and s.expires_at > now()`;

export async function isSessionLive(sql: Sql, { id, customerId }: { id: string; customerId: string }): Promise<boolean> {
  const rows = await sql`select 1 from session s where id = ${id} and customer_id = ${customerId} and ${isLive(sql)}`;
  return rows.length > 0;
}

/** A refresh token and whose it is. */
export interface KnownToken extends FoundToken {
  readonly sessionId: string;
  readonly customerId: CustomerId;
}

interface Presented {
  readonly token: Buffer;
  /** Of the Idempotency-Key that it comes under; null without one. */
  readonly key: Buffer | null;
  /** The token that is given for it. */
  readonly next: Buffer;
}

/** Finds a refresh token and keeps its session locked, so that requests with tokens of one session take turns. */
export async function lockToken(tx: Tx, { token, key, next }: Presented): Promise<KnownToken | undefined> {
  await tx`select from session where id = (select session_id from refresh_token where digest = ${token}) for update`;
  const [row] = await tx<KnownToken[]>`
    select s.id as session_id, s.customer_id, ${isLive(tx)} as is_live, t.spent_at is not null as is_spent,
      coalesce(t.spent_under = ${key}, false)
        and exists (select from refresh_token n where n.digest = ${next} and n.session_id = s.id and n.spent_at is null) as is_repeated
    from refresh_token t join session s on s.id = t.session_id where t.digest = ${token}`;
  return row;
}

/** Spends a token and puts the next one in its place; the session lives on, though not beyond its end. */
export async function spendToken(tx: Tx, { sessionId }: KnownToken, { token, key, next }: Presented): Promise<void> {
  await tx`update refresh_token set spent_at = now(), spent_under = ${key} where digest = ${token}`;
  await tx`insert into refresh_token (digest, session_id) values (${next}, ${sessionId})`;
  await tx`update session set expires_at = least(ends_at, now() + ${seconds(tx, SESSION_TIME.idle)}) where id = ${sessionId}`;
}

type Reason = "logout" | "reuse" | "password";

export async function endSession(tx: Tx, id: string, reason: Reason): Promise<void> {
  await tx`update session set ended_at = now(), ended_by = ${reason} where id = ${id} and ended_at is null`;
}

/** Ends the session of a refresh token, spent or not. */
export async function endSessionOf(tx: Tx, token: Buffer): Promise<void> {
  await tx`
    update session set ended_at = now(), ended_by = 'logout'
    where id = (select session_id from refresh_token where digest = ${token}) and ended_at is null`;
}

/** Ends the customer's sessions because of a new password, but for the one in which it was set, if there is one. */
export async function endSessions(tx: Tx, customerId: string, except: string | null): Promise<void> {
  await tx`
    update session set ended_at = now(), ended_by = 'password'
    where customer_id = ${customerId} and ended_at is null and id is distinct from ${except}`;
}

/** Forgets sessions that were over a week ago. */
export async function trimSessions(sql: Sql): Promise<void> {
  await sql`delete from session where least(expires_at, coalesce(ended_at, expires_at)) < now() - interval '7 days'`;
}
