import type { Sql, Tx } from "../../lib/database.ts";
import type { Order } from "./contract.ts";

type CustomerId = NonNullable<Order["customerId"]>;

/**
 * Whose an address is. From here to the commit nobody can verify it, so that an order that is just being confirmed and a
 * customer who is just verifying the address cannot miss one another.
 */
export async function findOwner(tx: Tx, email: string): Promise<CustomerId | null> {
  await lockAddress(tx, email);
  const [row] = await tx<{ customerId: CustomerId }[]>`
    select customer_id from verified_email where email = lower(${email})`;
  return row?.customerId ?? null;
}

const lockAddress = (sql: Sql | Tx, email: string) =>
  sql`select pg_advisory_xact_lock(hashtextextended('email:' || lower(${email}), 0))`;

/** Remembers whose an address is, and gives that customer what guests have bought with it. */
export async function claimOrders(tx: Tx, email: string, customerId: string): Promise<void> {
  await lockAddress(tx, email);
  await tx`
    insert into verified_email (email, customer_id) values (lower(${email}), ${customerId})
    on conflict (email) do update set customer_id = excluded.customer_id`;
  await tx`
    with claimed as (
      update orders set customer_id = ${customerId} where lower(email) = lower(${email}) and customer_id is null returning id
    )
    insert into order_event (order_id, what) select id, 'claimed by a customer' from claimed`;
}
