import type { Sql } from "../../lib/database.ts";
import { money } from "../../lib/money.ts";
import type { AccountBalance, JournalEntry, Stand } from "./contract.ts";

/** What the shop's books say was captured and refunded for an order. */
export async function bookedOf(sql: Sql, orderId: string): Promise<Omit<Stand, "held">> {
  const [row] = await sql<[Omit<Stand, "held">]>`
    select coalesce(sum(amount) filter (where side = 'debit'), 0)::bigint as captured,
      coalesce(sum(amount) filter (where side = 'credit'), 0)::bigint as refunded
    from entry where order_id = ${orderId} and account = 'provider'`;
  return row;
}

interface JournalQuery {
  readonly orderId?: string | undefined;
  readonly limit: number;
  /** The id of the last entry of the page before. */
  readonly cursor?: number | undefined;
}

type Row = Omit<JournalEntry, "amount"> & { readonly amount: number; readonly currency: string };

/** Entries, newest first. */
export async function findJournal(sql: Sql, { orderId, limit, cursor }: JournalQuery): Promise<JournalEntry[]> {
  const rows = await sql<Row[]>`
    select e.id, e.booking_id as booking, e.order_id, b.kind, b.movement_id as reference, e.account, e.side, e.amount, e.currency, b.at
    from entry e join booking b on b.id = e.booking_id
    where ${cursor === undefined ? sql`true` : sql`e.id < ${cursor}`} ${orderId ? sql`and e.order_id = ${orderId}` : sql``}
    order by e.id desc limit ${limit}`;
  return rows.map(({ amount, currency, ...row }) => ({ ...row, amount: money(amount, currency) }));
}

/** The sums of every account and currency, as of one instant. */
export const findBalances = (sql: Sql): Promise<AccountBalance[]> =>
  sql.begin("isolation level repeatable read read only", async (tx) => [
    ...(await tx<AccountBalance[]>`
      select a.name as account, e.currency,
        coalesce(sum(e.amount) filter (where e.side = 'debit'), 0)::bigint as debit,
        coalesce(sum(e.amount) filter (where e.side = 'credit'), 0)::bigint as credit,
        sum(case e.side when 'debit' then e.amount else -e.amount end)::bigint as balance
      from account a join entry e on e.account = a.name group by a.name, e.currency order by e.currency, a.name`),
  ]);
