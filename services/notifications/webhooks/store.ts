import type { z } from "zod";
import type { Sql, Tx } from "../../../lib/database.ts";
import { newId } from "../../../lib/ids.ts";
import { jsonb } from "../../../lib/json.ts";
import type { Delivery, Webhook, WebhookEvent } from "../contract.ts";
import type { Verdict } from "./model.ts";

export type WebhookRow = z.output<typeof Webhook> & { readonly secretVersion: number };

const columns = (sql: Sql | Tx) => sql`id, url, events, is_active, created_at, secret_version`;

interface Listing {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export const findWebhooks = (sql: Sql, { limit, cursor }: Listing): Promise<WebhookRow[]> => sql<WebhookRow[]>`
  select ${columns(sql)} from webhook where ${cursor ? sql`id < ${cursor}` : sql`true`} order by id desc limit ${limit}`;

export async function findWebhook(sql: Sql | Tx, id: string): Promise<WebhookRow | undefined> {
  const [row] = await sql<WebhookRow[]>`select ${columns(sql)} from webhook where id = ${id}`;
  return row;
}

interface NewWebhook {
  readonly id: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
}

export async function insertWebhook(tx: Tx, { id, url, events }: NewWebhook): Promise<WebhookRow> {
  const [row] = await tx<[WebhookRow]>`
    insert into webhook (id, url, events) values (${id}, ${url}, ${[...events]}) returning ${columns(tx)}`;
  return row;
}

interface Change {
  readonly id: string;
  readonly url?: string | undefined;
  readonly events?: readonly WebhookEvent[] | undefined;
  readonly isActive?: boolean | undefined;
}

export async function changeWebhook(tx: Tx, { id, url, events, isActive }: Change): Promise<WebhookRow | undefined> {
  const [row] = await tx<WebhookRow[]>`
    update webhook set url = coalesce(${url ?? null}, url), is_active = coalesce(${isActive ?? null}, is_active),
      events = coalesce(${events ? [...events] : null}::text[], events)
    where id = ${id} returning ${columns(tx)}`;
  return row;
}

export async function removeWebhook(tx: Tx, id: string): Promise<boolean> {
  const removed = await tx`delete from webhook where id = ${id} returning 1`;
  return removed.length > 0;
}

export async function renewSecret(tx: Tx, id: string): Promise<WebhookRow | undefined> {
  const [row] = await tx<WebhookRow[]>`
    update webhook set secret_version = secret_version + 1, secret_renewed_at = now() where id = ${id} returning ${columns(tx)}`;
  return row;
}

/** Notes an event down for everybody who has asked for it. */
export async function tellAll(tx: Tx, type: WebhookEvent, payload: object): Promise<void> {
  const asked = await tx<{ id: string }[]>`select id from webhook where is_active and ${type} = any(events)`;
  for (const { id } of asked) {
    await tx`insert into delivery (id, webhook_id, type, payload) values (${newId("dlv")}, ${id}, ${type}, ${jsonb(tx, payload)})`;
  }
}

/** A delivery that this node may try. `attempts` counts this try, and fences off whoever had it before. */
export interface LeasedDelivery {
  readonly id: string;
  readonly type: string;
  readonly payload: unknown;
  readonly occurredAt: string;
  readonly attempts: number;
  readonly url: string;
  readonly webhookId: string;
  readonly secretVersion: number;
  /** The secret before this one still signs. */
  readonly isRenewing: boolean;
}

/** Takes deliveries that are due for `lease` milliseconds. An inactive webhook's wait. */
export const leaseDeliveries = (sql: Sql, { limit, lease }: { limit: number; lease: number }): Promise<LeasedDelivery[]> =>
  sql<LeasedDelivery[]>`
  with due as materialized (
    select d.id from delivery d join webhook w on w.id = d.webhook_id
    where d.status = 'due' and d.due_at <= now() and w.is_active order by d.due_at limit ${limit} for update of d skip locked
  )
  update delivery d set attempts = attempts + 1, due_at = now() + ${lease} * interval '1 millisecond'
  from due, webhook w where d.id = due.id and w.id = d.webhook_id
  returning d.id, d.type, d.payload, d.occurred_at, d.attempts, w.url, w.id as webhook_id, w.secret_version,
    coalesce(w.secret_renewed_at > now() - interval '1 day', false) as is_renewing`;

export interface Attempt {
  readonly answerStatus: number | null;
  readonly error: string | null;
}

/** Writes down how a try went. */
export async function settle(sql: Sql, { id, attempts }: LeasedDelivery, attempt: Attempt, verdict: Verdict): Promise<void> {
  const status = verdict.is === "retried" ? "due" : verdict.is;
  const after = verdict.is === "retried" ? verdict.after : 0;
  await sql`
    update delivery set status = ${status}, answer_status = ${attempt.answerStatus}, error = ${attempt.error},
      finished_at = case when ${status} <> 'due' then now() end, due_at = now() + ${after}::float * interval '1 millisecond'
    where id = ${id} and attempts = ${attempts} and status = 'due'`;
}

const view = (sql: Sql | Tx) => sql`id, webhook_id, type, status, attempts, answer_status, error, occurred_at, finished_at`;

interface DeliveryQuery extends Listing {
  readonly webhookId: string;
  readonly status?: Delivery["status"] | undefined;
}

export const findDeliveries = (sql: Sql, { webhookId, status, limit, cursor }: DeliveryQuery): Promise<Delivery[]> => sql<
  Delivery[]
>`
  select ${view(sql)} from delivery
  where webhook_id = ${webhookId} ${status ? sql`and status = ${status}` : sql``} ${cursor ? sql`and id < ${cursor}` : sql``}
  order by id desc limit ${limit}`;

/** Begins a delivery anew. */
export async function reviveDelivery(tx: Tx, id: string): Promise<Delivery | undefined> {
  const [row] = await tx<Delivery[]>`
    update delivery set status = 'due', due_at = now(), attempts = 0, finished_at = null, error = null, answer_status = null
    where id = ${id} returning ${view(tx)}`;
  return row;
}
