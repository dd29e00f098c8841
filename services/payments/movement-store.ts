import type { Sql, Tx } from "../../lib/database.ts";
import { type Money, money } from "../../lib/money.ts";
import { lifecycle } from "./contract.ts";
import { type Kind, linesOf } from "./model.ts";

/** A capture or refund that was asked for. */
export interface Movement {
  readonly id: string;
  readonly orderId: string;
  readonly kind: Kind;
  readonly amount: Money;
  readonly status: "pending" | "done" | "refused";
  readonly why: string | null;
  readonly refusal: string | null;
  readonly at: string;
}

export interface NewMovement {
  readonly id: string;
  readonly orderId: string;
  readonly kind: Kind;
  readonly amount: Money;
  readonly why?: string | undefined;
}

type Row = Omit<Movement, "amount"> & { readonly amount: number; readonly currency: string };
const toMovement = ({ amount, currency, ...row }: Row): Movement => ({ ...row, amount: money(amount, currency) });
const columns = (sql: Sql | Tx) => sql`id, order_id, kind, amount, currency, status, why, refusal, created_at as at`;

export async function findMovement(sql: Sql | Tx, id: string): Promise<Movement | undefined> {
  const [row] = await sql<Row[]>`select ${columns(sql)} from movement where id = ${id}`;
  return row && toMovement(row);
}

/** All captures and refunds of an order, the oldest first. */
export async function findMovements(sql: Sql, orderId: string): Promise<Movement[]> {
  const rows = await sql<Row[]>`select ${columns(sql)} from movement where order_id = ${orderId} order by created_at, id`;
  return rows.map(toMovement);
}

/** Notes down what was asked for, the first time. Waits for whoever notes down the same at this instant. True the first time. */
export async function noteMovement(tx: Tx, { id, orderId, kind, amount, why }: NewMovement): Promise<boolean> {
  const { count } = await tx`
    insert into movement (id, order_id, kind, amount, currency, why, status)
    values (${id}, ${orderId}, ${kind}, ${amount.amount}, ${amount.currency}, ${why ?? null}, 'pending')
    on conflict (id) do nothing`;
  return count === 1;
}

/** Keeps room for a capture or refund in its payment. False when there is none: this is what decides all races. */
export async function keepRoom(
  tx: Tx,
  { orderId, kind, amount }: Pick<NewMovement, "orderId" | "kind" | "amount">,
): Promise<boolean> {
  const { count } =
    kind === "capture"
      ? await tx`
          update payment set capturing = capturing + ${amount.amount}, updated_at = now()
          where order_id = ${orderId} and status = any(${[...lifecycle.capture]}) and currency = ${amount.currency}
            and captured + capturing + ${amount.amount} <= amount`
      : await tx`
          update payment set refunding = refunding + ${amount.amount}, updated_at = now()
          where order_id = ${orderId} and status = any(${[...lifecycle.refund]}) and currency = ${amount.currency}
            and refunded + refunding + ${amount.amount} <= captured`;
  return count === 1;
}

/** Keeps room for the refund of all that was captured, in a payment that is given back. Undefined when there is nothing, or it is kept already. */
export async function keepRest(tx: Tx, orderId: string): Promise<Money | undefined> {
  const [row] = await tx<{ refunding: number; currency: string }[]>`
    update payment set refunding = captured - refunded, updated_at = now()
    where order_id = ${orderId} and status = 'voiding' and give_back_id is not null
      and capturing = 0 and refunding = 0 and captured > refunded
    returning refunding, currency`;
  return row && money(row.refunding, row.currency);
}

/** Notes that it is refused for good, and lets go of the room that was kept for it. Does nothing once it is decided. */
export async function refuse(tx: Tx, { id, orderId, kind, amount }: Movement, refusal: string): Promise<void> {
  const { count } = await tx`
    update movement set status = 'refused', refusal = ${refusal}, updated_at = now() where id = ${id} and status = 'pending'`;
  if (count === 0) return;
  await (kind === "capture"
    ? tx`update payment set capturing = capturing - ${amount.amount}, updated_at = now() where order_id = ${orderId}`
    : tx`update payment set refunding = refunding - ${amount.amount}, updated_at = now() where order_id = ${orderId}`);
}

/** Notes a refusal for which no room was kept. */
export async function refuseNew(tx: Tx, id: string, refusal: string): Promise<void> {
  await tx`update movement set status = 'refused', refusal = ${refusal} where id = ${id} and status = 'pending'`;
}

/** Has a refused one asked for once more. True when it was refused. */
export async function reopen(tx: Tx, id: string, amount: Money): Promise<boolean> {
  const { count } = await tx`
    update movement set status = 'pending', refusal = null, amount = ${amount.amount}, updated_at = now(),
      due_at = now() + interval '5 seconds', asked = 0
    where id = ${id} and status = 'refused'`;
  return count === 1;
}

/**
 * Notes that the money has moved and books it. The answer is the sum of all captures or refunds of the order with it;
 * undefined when it was noted before.
 */
export async function finish(tx: Tx, { id, orderId, kind, amount }: Movement): Promise<Money | undefined> {
  const { count } = await tx`
    update movement set status = 'done', updated_at = now() where id = ${id} and status = 'pending'`;
  if (count === 0) return undefined;
  const [sums] =
    kind === "capture"
      ? await tx<{ total: number }[]>`
          update payment set captured = captured + ${amount.amount}, capturing = capturing - ${amount.amount}, updated_at = now(),
            status = case when status = 'authorized' and captured + ${amount.amount} = amount then 'captured' else status end
          where order_id = ${orderId} returning captured as total`
      : await tx<{ total: number }[]>`
          update payment set refunded = refunded + ${amount.amount}, refunding = refunding - ${amount.amount}, updated_at = now()
          where order_id = ${orderId} returning refunded as total`;
  await book(tx, { id, orderId, kind, amount });
  return sums && money(sums.total, amount.currency);
}

async function book(tx: Tx, { id, orderId, kind, amount }: Pick<Movement, "id" | "orderId" | "kind" | "amount">): Promise<void> {
  await tx`
    with booked as (insert into booking (order_id, kind, movement_id) values (${orderId}, ${kind}, ${id}) returning id)
    insert into entry (booking_id, order_id, account, side, amount, currency)
    select booked.id, ${orderId}, line.account, line.side, line.amount, ${amount.currency}
    from booked, jsonb_to_recordset(${JSON.stringify(linesOf(kind, amount.amount))}::text::jsonb)
      as line (account text, side text, amount bigint)`;
}

/** True while something of an order has not been decided: its authorization, its void, a capture or a refund. */
export async function isOpen(sql: Sql, orderId: string): Promise<boolean> {
  const [row] = await sql<[{ isOpen: boolean }]>`
    select exists (select from payment where order_id = ${orderId} and status in ('pending', 'failing', 'voiding'))
      or exists (select from movement where order_id = ${orderId} and status = 'pending') as is_open`;
  return row.isOpen;
}

interface Due {
  readonly limit: number;
  /** Milliseconds until the next question, by how often it was asked. */
  readonly pauses: readonly number[];
}

/** The orders of captures and refunds that are due to be asked about, each put off so that no other node asks at once, too. */
export async function takeDueMovements(sql: Sql, { limit, pauses }: Due): Promise<string[]> {
  const rows = await sql<{ orderId: string }[]>`
    with due as materialized (
      select id from movement where status = 'pending' and due_at <= now() order by due_at limit ${limit} for update skip locked
    )
    update movement m set asked = m.asked + 1,
      due_at = now() + (${[...pauses]}::float[])[least(m.asked + 1, ${pauses.length})] * interval '1 millisecond'
    from due where m.id = due.id returning m.order_id`;
  return rows.map(({ orderId }) => orderId);
}

/** The same for payments: orders whose authorization or void is not decided. */
export async function takeDuePayments(sql: Sql, { limit, pauses }: Due): Promise<string[]> {
  const rows = await sql<{ orderId: string }[]>`
    with due as materialized (
      select order_id from payment where status in ('pending', 'failing', 'voiding') and due_at <= now()
      order by due_at limit ${limit} for update skip locked
    )
    update payment p set asked = p.asked + 1,
      due_at = now() + (${[...pauses]}::float[])[least(p.asked + 1, ${pauses.length})] * interval '1 millisecond'
    from due where p.order_id = due.order_id returning p.order_id`;
  return rows.map(({ orderId }) => orderId);
}
