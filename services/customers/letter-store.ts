import type { Sql, Tx } from "../../lib/database.ts";
import type { CustomerId } from "./contract.ts";
import { letterPause, type LINK_TIME, NOTICE_TIME } from "./model.ts";

export type LetterKind = keyof typeof LINK_TIME | "account_exists";

export interface LetterRow {
  readonly id: string;
  readonly kind: LetterKind;
  readonly email: string;
  readonly attempts: number;
}

/** Notes down that a letter is to be written. */
export async function askForLetter(tx: Tx, { id, kind, email }: Pick<LetterRow, "id" | "kind" | "email">): Promise<void> {
  await tx`insert into letter (id, kind, email) values (${id}, ${kind}, ${email})`;
}

/** The same, unless there was one lately. */
export async function askForNotice(tx: Tx, { id, kind, email }: Pick<LetterRow, "id" | "kind" | "email">): Promise<void> {
  await tx`
    insert into letter (id, kind, email) select ${id}, ${kind}, ${email}
    where not exists (select from letter where email = ${email} and kind = ${kind}
      and requested_at > now() - ${NOTICE_TIME} * interval '1 second')`;
}

/** Takes letters that are due, so that no other node does for some seconds. */
export async function leaseLetters(sql: Sql, { limit, lease }: { limit: number; lease: number }): Promise<LetterRow[]> {
  return sql<LetterRow[]>`
    with due as materialized (
      select id from letter where due_at <= now() order by due_at limit ${limit} for update skip locked
    )
    update letter l set attempts = attempts + 1, due_at = now() + ${lease} * interval '1 second'
    from due where l.id = due.id returning l.id, kind, email, attempts`;
}

/** Keeps the token's digest with its letter. It counts from now: who gets the mail late has the same time. False without such an account. */
export async function putToken(sql: Sql, { id, email }: LetterRow, token: Buffer, time: number): Promise<boolean> {
  const { count } = await sql`
    update letter l set customer_id = c.id, token_digest = ${token}, expires_at = now() + ${time} * interval '1 second'
    from customer c where l.id = ${id} and c.email = ${email} and l.due_at is not null`;
  return count === 1;
}

export async function markTaken(sql: Sql, { id, attempts }: LetterRow): Promise<void> {
  await sql`update letter set due_at = null where id = ${id} and attempts = ${attempts}`;
}

export async function putOff(sql: Sql, { id, attempts }: LetterRow): Promise<void> {
  await sql`
    update letter set due_at = now() + ${letterPause(attempts)} * interval '1 second' where id = ${id} and attempts = ${attempts}`;
}

export async function dropLetter(sql: Sql, { id }: LetterRow): Promise<void> {
  await sql`delete from letter where id = ${id}`;
}

const isGood = (sql: Sql | Tx, kind: LetterKind, token: Buffer) => sql`
  token_digest = ${token} and kind = ${kind} and used_at is null and expires_at > now()`;

/** Whose a token is, if it is good. */
export async function findOwner(
  sql: Sql,
  kind: LetterKind,
  token: Buffer,
): Promise<{ id: CustomerId; email: string } | undefined> {
  const [row] = await sql<{ id: CustomerId; email: string }[]>`
    select c.id, c.email from letter l join customer c on c.id = l.customer_id where ${isGood(sql, kind, token)}`;
  return row;
}

/** Uses a token up. Answers whose it was, if it was good. */
export async function useToken(tx: Tx, kind: LetterKind, token: Buffer): Promise<CustomerId | undefined> {
  const [row] = await tx<{ customerId: CustomerId }[]>`
    update letter set used_at = now() where ${isGood(tx, kind, token)} returning customer_id`;
  return row?.customerId;
}

/** Uses up all other ways to set a new password that are under way to the customer. */
export async function useAllResets(tx: Tx, customerId: string, email: string): Promise<void> {
  await tx`
    update letter set used_at = coalesce(used_at, now()), due_at = null
    where kind = 'password_reset' and used_at is null and (customer_id = ${customerId} or email = ${email})`;
}

/** Forgets letters that were handed on a week ago and open nothing any more. */
export async function trimLetters(sql: Sql): Promise<void> {
  await sql`
    delete from letter where due_at is null and requested_at < now() - interval '7 days' and coalesce(expires_at, now()) <= now()`;
}
