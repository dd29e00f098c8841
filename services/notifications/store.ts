import type { Sql, Tx } from "../../lib/database.ts";
import { newId } from "../../lib/ids.ts";
import type { FailedMail } from "./contract.ts";
import type { Letter, Refusal, Verdict } from "./model.ts";

/** Notes a mail down to be sent once the transaction has committed. The second one of a kind about the same thing is none. */
export async function writeMail(tx: Tx, { kind, about, letter }: { kind: string; about: string; letter: Letter }): Promise<void> {
  const { to, subject, text, html } = letter;
  await tx`
    insert into mail (id, kind, about, recipient, subject, text, html)
    values (${newId("mail")}, ${kind}, ${about}, ${to}, ${subject}, ${text}, ${html})
    on conflict (kind, about) do nothing`;
}

/** A mail that this node may send. `attempts` counts this one, and fences off whoever had it before. */
export interface LeasedMail extends Letter {
  readonly id: string;
  readonly attempts: number;
}

/** Takes mails that are due, so that no other node does for the time of the lease (milliseconds). */
export async function leaseMails(sql: Sql, { limit, lease }: { limit: number; lease: number }): Promise<LeasedMail[]> {
  return sql<LeasedMail[]>`
    with due as materialized (
      select id from mail where status = 'due' and due_at <= now() order by due_at limit ${limit} for update skip locked
    )
    update mail m set attempts = attempts + 1, due_at = now() + ${lease} * interval '1 millisecond'
    from due where m.id = due.id
    returning m.id, attempts, recipient as to, subject, text, html`;
}

/** The mail is out, and its body is not kept. */
export async function markSent(sql: Sql, { id, attempts }: LeasedMail): Promise<void> {
  await sql`
    update mail set status = 'sent', finished_at = now(), error = null, text = null, html = null
    where id = ${id} and attempts = ${attempts} and status = 'due'`;
}

/** The mail was not taken. */
export async function markRefused(sql: Sql, { id, attempts }: LeasedMail, refusal: Refusal, verdict: Verdict): Promise<void> {
  const error = refusal.message.slice(0, 500);
  const after = verdict.is === "retried" ? verdict.after : null;
  await sql`
    update mail set error = ${error},
      status = case when ${after}::float is null then 'failed' else 'due' end,
      finished_at = case when ${after}::float is null then now() end,
      due_at = now() + coalesce(${after}::float, 0) * interval '1 millisecond'
    where id = ${id} and attempts = ${attempts} and status = 'due'`;
}

/** Without a mail server all mails that are due count as sent, and stay readable. */
export async function keepInMailbox(sql: Sql): Promise<void> {
  await sql`update mail set status = 'sent', finished_at = now(), error = null where status = 'due' and due_at <= now()`;
}

/** Has a failed mail sent again. False when there is none of this id. */
export async function reviveMail(tx: Tx, id: string): Promise<boolean> {
  const { count } = await tx`
    update mail set status = 'due', due_at = now(), attempts = 0, finished_at = null where id = ${id} and status = 'failed'`;
  return count === 1;
}

interface Listing {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const before = (sql: Sql, cursor: string | undefined) =>
  cursor === undefined ? sql`` : sql`and (finished_at, id) < (select finished_at, id from mail where id = ${cursor})`;

export interface SentMail extends Letter {
  readonly id: string;
  readonly sentAt: string;
}

/** The mailbox, newest first. */
export async function findSent(sql: Sql, { to, limit, cursor }: Listing & { to?: string | undefined }): Promise<SentMail[]> {
  return sql<SentMail[]>`
    select id, recipient as to, subject, text, html, finished_at as sent_at from mail
    where status = 'sent' and text is not null ${to === undefined ? sql`` : sql`and recipient = ${to}`} ${before(sql, cursor)}
    order by finished_at desc, id desc limit ${limit}`;
}

/** The mails that failed, newest first. */
export async function findFailed(sql: Sql, { limit, cursor }: Listing): Promise<FailedMail[]> {
  return sql<FailedMail[]>`
    select id, recipient as to, subject, attempts, coalesce(error, '') as error, finished_at as failed_at from mail
    where status = 'failed' ${before(sql, cursor)}
    order by finished_at desc, id desc limit ${limit}`;
}
