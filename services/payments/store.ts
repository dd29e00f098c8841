import type { Sql, Tx } from "../../lib/database.ts";
import { type Money, money } from "../../lib/money.ts";
import { lifecycle } from "./contract.ts";
import type { Account, Payment, Settlement } from "./model.ts";

interface Row {
  readonly status: Payment["status"];
  readonly amount: number | null;
  readonly currency: string | null;
  readonly token: string | null;
  readonly reason: string | null;
}

// The table's checks say which columns are there in which state.
function toPayment({ status, amount, currency, token, reason }: Row): Payment {
  switch (status) {
    case "pending":
      return { status, amount: money(amount!, currency!), token: token! };
    case "authorized":
    case "captured":
      return { status, amount: money(amount!, currency!) };
    case "declined":
    case "failing":
    case "failed":
      return { status, reason: reason! };
    case "voiding":
    case "voided":
      return { status, amount: amount === null ? null : money(amount, currency!) };
  }
}

interface NewPayment {
  readonly orderId: string;
  readonly amount: Money;
  readonly token: string;
  readonly provider: string;
}

/** Notes a payment down before the provider is asked. The first one of an order wins. True when this one was the first. */
export async function openPayment(sql: Sql, { orderId, amount, token, provider }: NewPayment): Promise<boolean> {
  // What costs nothing is paid for already.
  const isFree = amount.amount === 0;
  const { count } = await sql`
    insert into payment (order_id, amount, currency, token, status, provider)
    values (
      ${orderId}, ${amount.amount}, ${amount.currency}, ${isFree ? null : token}, ${isFree ? "authorized" : "pending"}, ${provider}
    )
    on conflict do nothing`;
  return count === 1;
}

/** The payment of an order, if there is one. */
export async function findPayment(sql: Sql | Tx, orderId: string): Promise<Payment | undefined> {
  const [row] = await sql<Row[]>`select status, amount, currency, token, reason from payment where order_id = ${orderId}`;
  return row && toPayment(row);
}

/** Where an order's money is, if it has a payment. */
export async function findAccount(sql: Sql | Tx, orderId: string): Promise<Account | undefined> {
  const [row] = await sql<Account[]>`
    select status, coalesce(amount, 0) as amount, coalesce(currency, '') as currency, captured, capturing, refunded, refunding
    from payment where order_id = ${orderId}`;
  return row;
}

/** Saves what an authorization has come to, if nothing else has happened to it meanwhile. */
export async function settle(sql: Sql, orderId: string, settlement: Settlement): Promise<void> {
  const from = { authorized: lifecycle.authorize, declined: lifecycle.decline, failed: lifecycle.fail }[settlement.status];
  const reason = "reason" in settlement ? settlement.reason : null;
  await sql`
    update payment set status = ${settlement.status}, reason = ${reason}, token = null, updated_at = now()
    where order_id = ${orderId} and status = any(${[...from]})`;
}

/** Counts a failure of the provider. The answer is how many there were; none when the payment is decided already. */
export async function countFailure(sql: Sql, orderId: string): Promise<number> {
  const [row] = await sql<{ attempts: number }[]>`
    update payment set attempts = attempts + 1, updated_at = now()
    where order_id = ${orderId} and status = 'pending' returning attempts`;
  return row?.attempts ?? 0;
}

/** From here on nothing is authorized for this payment any more, whatever is still under way. */
export async function giveUp(sql: Sql, orderId: string, reason: string): Promise<void> {
  await sql`
    update payment set status = 'failing', reason = ${reason}, token = null, updated_at = now()
    where order_id = ${orderId} and status = any(${[...lifecycle.giveUp]})`;
}

/** Bars an order of which nothing is captured from being paid, also when nothing is known of its payment yet. */
export async function barPayment(sql: Sql, orderId: string, provider: string): Promise<void> {
  await sql`
    insert into payment as p (order_id, status, provider) values (${orderId}, 'voiding', ${provider})
    on conflict (order_id) do update
    set status = 'voiding', token = null, updated_at = now(), due_at = now() + interval '5 seconds', asked = 0
    where p.status = any(${[...lifecycle.void]}) and p.captured + p.capturing = 0`;
}

/** How a whole payment is given back: under which refund, and why. */
export interface GiveBack {
  readonly refundId: string;
  readonly reason: string;
}

/** Bars an order from any further authorization, capture and refund; the first one who gives it back decides the refund's id. */
export async function barForGood(sql: Sql, orderId: string, back: GiveBack, provider: string): Promise<void> {
  await sql`
    insert into payment as p (order_id, status, provider, give_back_id, give_back_reason)
    values (${orderId}, 'voiding', ${provider}, ${back.refundId}, ${back.reason})
    on conflict (order_id) do update set
      status = 'voiding', token = null, give_back_id = excluded.give_back_id, give_back_reason = excluded.give_back_reason,
      updated_at = now(), due_at = now() + interval '5 seconds', asked = 0
    where p.status = any(${[...lifecycle.giveBack]}) or (p.status = 'voiding' and p.give_back_id is null)`;
}

/** How a payment is being given back or was, if so. */
export async function findGiveBack(sql: Sql | Tx, orderId: string): Promise<GiveBack | undefined> {
  const [row] = await sql<{ refundId: string | null; reason: string | null }[]>`
    select give_back_id as refund_id, give_back_reason as reason from payment where order_id = ${orderId}`;
  return row?.refundId ? { refundId: row.refundId, reason: row.reason! } : undefined;
}

/** Notes that the provider holds nothing any more. False when that was noted before, or when money is still on its way. */
export async function finishVoid(tx: Tx, orderId: string): Promise<boolean> {
  const { count } = await tx`
    update payment set status = 'voided', updated_at = now()
    where order_id = ${orderId} and status = any(${[...lifecycle.finishVoid]}) and captured = refunded and capturing = 0`;
  return count === 1;
}

export interface Overview extends Account {
  readonly orderId: string;
  readonly provider: string;
  readonly reason: string | null;
  readonly hasAmount: boolean;
  readonly updatedAt: string;
}

const overview = (sql: Sql) => sql`
  order_id, status, coalesce(amount, 0) as amount, coalesce(currency, '') as currency, captured, capturing, refunded, refunding,
  provider, reason, amount is not null as has_amount, updated_at`;

export async function findOverview(sql: Sql, orderId: string): Promise<Overview | undefined> {
  const [row] = await sql<Overview[]>`select ${overview(sql)} from payment where order_id = ${orderId}`;
  return row;
}

/** Payments that changed since, the one that changed first at the beginning. */
export const findChanged = (sql: Sql, since: string, limit: number): Promise<Overview[]> =>
  sql<Overview[]>`
    select ${overview(sql)} from payment where updated_at >= ${since} order by updated_at, order_id limit ${limit}`;

/** True when this message of a provider was worked on before. */
export async function knowsWebhook(sql: Sql, provider: string, id: string): Promise<boolean> {
  const [known] = await sql`select 1 from webhook where provider = ${provider} and id = ${id}`;
  return known !== undefined;
}

export async function rememberWebhook(sql: Sql, provider: string, id: string): Promise<void> {
  await sql`insert into webhook (provider, id) values (${provider}, ${id}) on conflict do nothing`;
}

/** Forgets messages after a week, when no provider sends them again any more. */
export async function trimWebhooks(sql: Sql): Promise<void> {
  await sql`
    delete from webhook where (provider, id) in (
      select provider, id from webhook where received_at < now() - interval '7 days' limit 1000)`;
}
