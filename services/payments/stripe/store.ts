import type { Sql } from "../../../lib/database.ts";
import type { Money } from "../../../lib/money.ts";

/** What is noted down of an order's intent. Without an amount it was voided before anything was to be paid. */
export interface Row {
  readonly orderId: string;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly intentId: string | null;
  readonly reason: string | null;
  readonly isClosed: boolean;
}

const columns = (sql: Sql) => sql`order_id, amount, currency, intent_id, reason, is_closed`;

export async function findRow(sql: Sql, orderId: string): Promise<Row | undefined> {
  const [row] = await sql<Row[]>`select ${columns(sql)} from stripe_intent where order_id = ${orderId}`;
  return row;
}

/** Notes down what is to be authorized, the first time, before Stripe hears of it. */
export async function openRow(sql: Sql, orderId: string, { amount, currency }: Money): Promise<Row> {
  await sql`
    insert into stripe_intent (order_id, amount, currency) values (${orderId}, ${amount}, ${currency}) on conflict do nothing`;
  return (await findRow(sql, orderId))!;
}

/** Notes down that the order is voided, also when nothing is known of it yet. */
export async function closeRow(sql: Sql, orderId: string): Promise<Row> {
  const [row] = await sql<[Row]>`
    insert into stripe_intent as s (order_id, is_closed) values (${orderId}, true)
    on conflict (order_id) do update set is_closed = true returning ${columns(sql)}`;
  return row;
}

/** Notes down which intent is the order's: the first one stays it. */
export async function keepIntent(sql: Sql, orderId: string, intentId: string): Promise<string> {
  const [row] = await sql<[{ intentId: string }]>`
    update stripe_intent set intent_id = coalesce(intent_id, ${intentId}) where order_id = ${orderId} returning intent_id`;
  return row.intentId;
}

export async function keepDecline(sql: Sql, orderId: string, reason: string): Promise<void> {
  await sql`update stripe_intent set reason = coalesce(reason, ${reason}) where order_id = ${orderId}`;
}

export async function findOrder(sql: Sql, intentId: string): Promise<string | undefined> {
  const [row] = await sql<{ orderId: string }[]>`select order_id from stripe_intent where intent_id = ${intentId}`;
  return row?.orderId;
}
