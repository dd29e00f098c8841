import { isDuplicate, type Sql } from "../../../lib/database.ts";
import { newId } from "../../../lib/ids.ts";
import { type Money, money } from "../../../lib/money.ts";
import type { Booked, Booking } from "../provider.ts";

export interface Entry {
  readonly type: "authorize" | "capture" | "void" | "refund";
  readonly amount: number;
  readonly currency: string;
  readonly at: string;
}

interface NewAuthorization {
  readonly orderId: string;
  readonly amount: Money;
  /** Why the card does not pay, if it does not. */
  readonly decline: string | null;
  /** How often each of the order's webhooks is sent. */
  readonly copies: number;
}

/** Decides about an order once, and books the money if there is any. Does nothing for an order that was decided. */
export async function bookAuthorization(sql: Sql, { orderId, amount, decline, copies }: NewAuthorization): Promise<void> {
  await sql`
    with decided as (
      insert into sandbox.intent (order_id, outcome, reason, amount, currency, copies)
      values (
        ${orderId}, ${decline === null ? "authorized" : "declined"}, ${decline}, ${amount.amount}, ${amount.currency}, ${copies}
      )
      on conflict do nothing
      returning *
    ), held as (select * from decided where outcome = 'authorized'
    ), booked as (
      insert into sandbox.entry (order_id, type, amount, currency) select order_id, 'authorize', amount, currency from held
    )
    insert into sandbox.webhook (id, type, order_id, amount, currency, copies)
    select ${newId("msg")}, 'payment.authorized', order_id, amount, currency, copies from held`;
}

interface NewMovement extends Booked {
  readonly orderId: string;
}

/** Books a capture, unless it would be more than was authorized, or what is left was given back. */
export const bookCapture = (sql: Sql, { orderId, id, amount }: NewMovement): Promise<void> =>
  unlessBooked(
    () => sql`
      with taken as (
        update sandbox.intent set captured = captured + ${amount.amount}
        where order_id = ${orderId} and outcome = 'authorized' and closed_at is null and currency = ${amount.currency}
          and captured + ${amount.amount} <= amount and not exists (select from sandbox.entry where reference = ${id})
        returning order_id, currency, copies
      ), booked as (
        insert into sandbox.entry (order_id, type, amount, currency, reference)
        select order_id, 'capture', ${amount.amount}, currency, ${id} from taken
      )
      insert into sandbox.webhook (id, type, order_id, amount, currency, reference, copies)
      select ${newId("msg")}, 'payment.captured', order_id, ${amount.amount}, currency, ${id}, copies from taken`,
  );

/** Books a refund, unless it would be more than was captured. */
export const bookRefund = (sql: Sql, { orderId, id, amount }: NewMovement): Promise<void> =>
  unlessBooked(
    () => sql`
      with given as (
        update sandbox.intent set refunded = refunded + ${amount.amount}
        where order_id = ${orderId} and currency = ${amount.currency} and refunded + ${amount.amount} <= captured
          and not exists (select from sandbox.entry where reference = ${id})
        returning order_id, currency, copies
      ), booked as (
        insert into sandbox.entry (order_id, type, amount, currency, reference)
        select order_id, 'refund', ${amount.amount}, currency, ${id} from given
      )
      insert into sandbox.webhook (id, type, order_id, amount, currency, reference, copies)
      select ${newId("msg")}, 'payment.refunded', order_id, ${amount.amount}, currency, ${id}, copies from given`,
  );

/** Two requests under one id at one instant: the second is undone as a whole, the first stands. */
async function unlessBooked(book: () => Promise<unknown>): Promise<void> {
  try {
    await book();
  } catch (error) {
    if (!isDuplicate(error, "moved_once")) throw error;
  }
}

/** Gives back what is authorized and not captured, once; leaves a tombstone where nothing was decided. */
export async function bookVoid(sql: Sql, orderId: string): Promise<void> {
  await sql`insert into sandbox.intent (order_id, outcome) values (${orderId}, 'closed') on conflict do nothing`;
  await sql`
    with closed as (
      update sandbox.intent set closed_at = now()
      where order_id = ${orderId} and outcome = 'authorized' and closed_at is null
      returning order_id, amount - captured as released, currency, copies
    ), held as (select * from closed where released > 0
    ), booked as (
      insert into sandbox.entry (order_id, type, amount, currency) select order_id, 'void', released, currency from held
    )
    insert into sandbox.webhook (id, type, order_id, amount, currency, copies)
    select ${newId("msg")}, 'payment.voided', order_id, released, currency, copies from held`;
}

interface Account {
  readonly outcome: "authorized" | "declined" | "closed";
  readonly reason: string | null;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly captured: number;
  readonly isClosed: boolean;
  readonly movements: readonly { readonly type: Entry["type"]; readonly id: string; readonly amount: number }[];
}

/** How an order stands in the books. */
export async function findBooking(sql: Sql, orderId: string): Promise<Booking> {
  const [account] = await sql<Account[]>`
    select outcome, reason, amount, currency, captured, closed_at is not null as is_closed,
      coalesce((
        select jsonb_agg(jsonb_build_object('type', e.type, 'id', e.reference, 'amount', e.amount) order by e.seq)
        from sandbox.entry e where e.order_id = intent.order_id and e.type in ('capture', 'refund')
      ), '[]') as movements
    from sandbox.intent where order_id = ${orderId}`;
  return account ? bookingOf(account) : { outcome: "nothing" };
}

function bookingOf({ outcome, reason, amount, currency, captured, isClosed, movements }: Account): Booking {
  if (outcome === "declined") return { outcome, reason: reason ?? "" };
  if (amount === null || currency === null) return { outcome: "voided", released: null, captures: [], refunds: [] };
  const of = (wanted: Entry["type"]): Booked[] =>
    movements.filter(({ type }) => type === wanted).map((each) => ({ id: each.id, amount: money(each.amount, currency) }));
  const moved = { captures: of("capture"), refunds: of("refund") };
  if (!isClosed) return { outcome: "authorized", amount: money(amount, currency), ...moved };
  return { outcome: "voided", released: captured < amount ? money(amount - captured, currency) : null, ...moved };
}

/** Every movement of money under an order, in the order of booking. */
export const findEntries = async (sql: Sql, orderId: string): Promise<Entry[]> => [
  ...(await sql<Entry[]>`select type, amount, currency, at from sandbox.entry where order_id = ${orderId} order by seq`),
];
