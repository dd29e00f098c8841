import type { Sql, Tx } from "../../lib/database.ts";
import { type Money, money } from "../../lib/money.ts";
import { lifecycle } from "./contract.ts";
import type { Payment, Settlement } from "./model.ts";

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
      return { status };
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
  const { count } = await sql`
    insert into payment (order_id, amount, currency, token, status, provider)
    values (${orderId}, ${amount.amount}, ${amount.currency}, ${token}, 'pending', ${provider})
    on conflict do nothing`;
  return count === 1;
}

/** The payment of an order, if there is one. */
export async function findPayment(sql: Sql | Tx, orderId: string): Promise<Payment | undefined> {
  const [row] = await sql<Row[]>`select status, amount, currency, token, reason from payment where order_id = ${orderId}`;
  return row && toPayment(row);
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

/** Bars an order from being paid, also when nothing is known of its payment yet. */
export async function barPayment(sql: Sql, orderId: string, provider: string): Promise<void> {
  await sql`
    insert into payment as p (order_id, status, provider) values (${orderId}, 'voiding', ${provider})
    on conflict (order_id) do update set status = 'voiding', token = null, updated_at = now()
    where p.status = any(${[...lifecycle.void]})`;
}

/** Notes that the provider holds nothing any more. False when that was noted before. */
export async function finishVoid(tx: Tx, orderId: string): Promise<boolean> {
  const { count } = await tx`
    update payment set status = 'voided', updated_at = now()
    where order_id = ${orderId} and status = any(${[...lifecycle.finishVoid]})`;
  return count === 1;
}

/** Notes that the money is taken. False when that was noted before. */
export async function finishCapture(tx: Tx, orderId: string): Promise<boolean> {
  const { count } = await tx`
    update payment set status = 'captured', updated_at = now()
    where order_id = ${orderId} and status = any(${[...lifecycle.capture]})`;
  return count === 1;
}
