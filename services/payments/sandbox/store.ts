import type { Sql } from "../../../lib/database.ts";
import { type Money, money } from "../../../lib/money.ts";
import type { Booking } from "../provider.ts";

export interface Entry {
  readonly type: "authorize" | "capture" | "void" | "refund";
  readonly amount: number;
  readonly currency: string;
  readonly at: string;
}

/** What the sandbox decides about a card. Null: it pays. */
type Decline = string | null;

/** Decides about an order once, and books the money if there is any. Does nothing for an order that was decided. */
export async function bookAuthorization(sql: Sql, orderId: string, { amount, currency }: Money, decline: Decline): Promise<void> {
  await sql`
    with decided as (
      insert into sandbox.intent (order_id, outcome, reason, amount, currency)
      values (${orderId}, ${decline === null ? "authorized" : "declined"}, ${decline}, ${amount}, ${currency})
      on conflict do nothing
      returning *
    )
    insert into sandbox.entry (order_id, type, amount, currency)
    select order_id, 'authorize', amount, currency from decided where outcome = 'authorized'`;
}

/** Books a capture, unless more is asked for than was authorized or the authorization is settled. */
export async function bookCapture(sql: Sql, orderId: string, { amount, currency }: Money): Promise<void> {
  await sql`
    insert into sandbox.entry (order_id, type, amount, currency)
    select order_id, 'capture', ${amount}, currency from sandbox.intent
    where order_id = ${orderId} and outcome = 'authorized' and currency = ${currency} and ${amount} between 0 and amount
    on conflict do nothing`;
}

/** Gives an authorization back, unless it is settled; leaves a tombstone where nothing was decided. */
export async function bookVoid(sql: Sql, orderId: string): Promise<void> {
  await sql`insert into sandbox.intent (order_id, outcome) values (${orderId}, 'closed') on conflict do nothing`;
  await sql`
    insert into sandbox.entry (order_id, type, amount, currency)
    select order_id, 'void', amount, currency from sandbox.intent where order_id = ${orderId} and outcome = 'authorized'
    on conflict do nothing`;
}

interface Account {
  readonly outcome: "authorized" | "declined" | "closed";
  readonly reason: string | null;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly settled: "capture" | "void" | null;
  readonly moved: number | null;
}

/** How an order stands in the books. */
export async function findBooking(sql: Sql, orderId: string): Promise<Booking> {
  const [account] = await sql<Account[]>`
    select outcome, reason, intent.amount, intent.currency, entry.type as settled, entry.amount as moved
    from sandbox.intent left join sandbox.entry on entry.order_id = intent.order_id and entry.type in ('capture', 'void')
    where intent.order_id = ${orderId}`;
  return account ? bookingOf(account) : { outcome: "nothing" };
}

function bookingOf({ outcome, reason, amount, currency, settled, moved }: Account): Booking {
  if (outcome === "declined") return { outcome, reason: reason ?? "" };
  if (amount === null || currency === null) return { outcome: "voided", released: null };
  if (settled === "void") return { outcome: "voided", released: money(amount, currency) };
  if (settled === "capture") return { outcome: "captured", amount: money(moved ?? 0, currency) };
  return { outcome: "authorized", amount: money(amount, currency) };
}

/** Every movement of money under an order, in the order of booking. */
export const findEntries = async (sql: Sql, orderId: string): Promise<Entry[]> => [
  ...(await sql<Entry[]>`select type, amount, currency, at from sandbox.entry where order_id = ${orderId} order by seq`),
];
