import type { Sql, Tx } from "../../lib/database.ts";
import { jsonb } from "../../lib/json.ts";
import type { Customer } from "./contract.ts";

type CustomerId = Customer["id"];
type SavedAddress = Customer["addresses"][number];

/** What signing in needs to know of an account. */
export interface Account extends Pick<Customer, "id" | "email"> {
  readonly password: string;
  readonly passwordVersion: number;
}

const account = (sql: Sql) => sql`select id, email, password, password_version from customer`;

export async function findAccount(sql: Sql, email: string): Promise<Account | undefined> {
  const [row] = await sql<Account[]>`${account(sql)} where email = ${email}`;
  return row;
}

export async function getAccount(sql: Sql, id: CustomerId): Promise<Account> {
  const [row] = await sql<[Account]>`${account(sql)} where id = ${id}`;
  return row;
}

interface NewCustomer extends Pick<Customer, "id" | "email" | "name"> {
  readonly password: string;
}

/** False when there is an account of this email. */
export async function insertCustomer(tx: Tx, { id, email, name, password }: NewCustomer): Promise<boolean> {
  const { count } = await tx`
    insert into customer (id, email, name, password) values (${id}, ${email}, ${name}, ${password})
    on conflict (email) do nothing`;
  return count === 1;
}

const book = (sql: Sql | Tx) => sql`
  (select coalesce(jsonb_agg(fields || jsonb_build_object('id', id) order by position), '[]') from address where customer_id = c.id)`;

const whole = (sql: Sql | Tx) => sql`
  select c.id, c.email, c.email_verified_at is not null as is_email_verified, c.name, c.registered_at, ${book(sql)} as addresses
  from customer c`;

export async function getCustomer(sql: Sql | Tx, id: CustomerId): Promise<Customer> {
  const [row] = await sql<[Customer]>`${whole(sql)} where c.id = ${id}`;
  return row;
}

interface Listing {
  readonly email?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Newest first. */
export async function findCustomers(sql: Sql, { email, limit, cursor }: Listing): Promise<Customer[]> {
  return sql<Customer[]>`
    ${whole(sql)}
    where true ${email === undefined ? sql`` : sql`and starts_with(c.email, ${email})`}
      ${cursor === undefined ? sql`` : sql`and (c.registered_at, c.id) < (select registered_at, id from customer where id = ${cursor})`}
    order by c.registered_at desc, c.id desc limit ${limit}`;
}

export async function setName(tx: Tx, id: CustomerId, name: string): Promise<void> {
  await tx`update customer set name = ${name} where id = ${id}`;
}

/** A new password. False when it was changed since that version. */
export async function setPassword(tx: Tx, { id, passwordVersion }: Pick<Account, "id" | "passwordVersion">, password: string) {
  const { count } = await tx`
    update customer set password = ${password}, password_version = password_version + 1
    where id = ${id} and password_version = ${passwordVersion}`;
  return count === 1;
}

/** A new password in place of whatever it was. */
export async function replacePassword(tx: Tx, id: CustomerId, password: string): Promise<void> {
  await tx`update customer set password = ${password}, password_version = password_version + 1 where id = ${id}`;
}

/** The same password, hashed in another way. */
export async function renewHash(tx: Tx, { id, passwordVersion }: Account, password: string): Promise<void> {
  await tx`update customer set password = ${password} where id = ${id} and password_version = ${passwordVersion}`;
}

/** The email, if it was not verified before. */
export async function verifyEmail(tx: Tx, id: CustomerId): Promise<string | undefined> {
  const [row] = await tx<{ email: string }[]>`
    update customer set email_verified_at = now() where id = ${id} and email_verified_at is null returning email`;
  return row?.email;
}

/** False when the customer has `most` addresses. */
export async function addAddress(
  tx: Tx,
  customerId: CustomerId,
  { id, ...fields }: SavedAddress,
  most: number,
): Promise<boolean> {
  // Parallel ones take turns here, or two could both be the last.
  await tx`select from customer where id = ${customerId} for no key update`;
  const { count } = await tx`
    insert into address (id, customer_id, fields) select ${id}, ${customerId}, ${jsonb(tx, fields)}
    where (select count(*) from address where customer_id = ${customerId}) < ${most}`;
  return count === 1;
}

/** False when the customer has no such address. */
export async function changeAddress(tx: Tx, customerId: CustomerId, { id, ...fields }: SavedAddress): Promise<boolean> {
  const { count } = await tx`
    update address set fields = ${jsonb(tx, fields)} where id = ${id} and customer_id = ${customerId}`;
  return count === 1;
}

/** False when the customer has no such address. */
export async function removeAddress(tx: Tx, customerId: CustomerId, id: SavedAddress["id"]): Promise<boolean> {
  const { count } = await tx`delete from address where id = ${id} and customer_id = ${customerId}`;
  return count === 1;
}
