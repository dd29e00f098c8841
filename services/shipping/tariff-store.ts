import type { Sql, Tx } from "../../lib/database.ts";
import { jsonb } from "../../lib/json.ts";
import type { AdminShippingOption } from "./contract.ts";

// The greatest number of its type stands for "any weight", so that a primary key can hold it.
const ANY = 2_147_483_647;

/** All options, or one, with their rates. */
export const readOptions = (sql: Sql | Tx, id?: string): Promise<AdminShippingOption[]> => sql<AdminShippingOption[]>`
  select o.id, o.name, o.is_archived, coalesce((
    select jsonb_agg(jsonb_build_object('zone', r.zone, 'price', r.amount, 'estimate', r.estimate,
      'upToGrams', nullif(r.up_to_grams, ${ANY}), 'freeFrom', r.free_from) order by r.zone, r.up_to_grams)
    from rate r where r.option_id = o.id), '[]') as rates
  from shipping_option o where ${id === undefined ? sql`true` : sql`o.id = ${id}`} order by o.id`;

/** False when there is such an option already. */
export async function insertOption(tx: Tx, { id, name }: { id: string; name: string }): Promise<boolean> {
  const inserted = await tx`insert into shipping_option (id, name) values (${id}, ${name}) on conflict do nothing returning 1`;
  return inserted.length > 0;
}

interface OptionChange {
  readonly id: string;
  readonly name?: string | undefined;
  readonly isArchived?: boolean | undefined;
}

/** False when there is no such option. */
export async function changeOption(tx: Tx, { id, name, isArchived }: OptionChange): Promise<boolean> {
  const changed = await tx`
    update shipping_option set name = coalesce(${name ?? null}, name), is_archived = coalesce(${isArchived ?? null}, is_archived)
    where id = ${id} returning 1`;
  return changed.length > 0;
}

/** Replaces an option's rates. */
export async function replaceRates(tx: Tx, id: string, rates: AdminShippingOption["rates"]): Promise<void> {
  await tx`delete from rate where option_id = ${id}`;
  await tx`
    insert into rate (option_id, zone, amount, estimate, up_to_grams, free_from)
    select ${id}, zone, price, estimate, coalesce("upToGrams", ${ANY}), "freeFrom"
    from jsonb_to_recordset(${jsonb(tx, rates)})
      as r(zone text, price bigint, estimate text, "upToGrams" int, "freeFrom" bigint)`;
}

interface ZoneRow {
  readonly zone: string;
  readonly countries: string[];
}

export const readZones = (sql: Sql): Promise<ZoneRow[]> => sql<ZoneRow[]>`
  select zone, array_agg(code::text order by code) as countries from country group by zone order by zone`;

/** Makes these the countries of a zone, wherever they were before. */
export async function putZone(tx: Tx, { zone, countries }: ZoneRow): Promise<void> {
  await tx`delete from country where zone = ${zone} and code <> all(${countries}::text[])`;
  await tx`
    insert into country (zone, code) select distinct ${zone}, code from unnest(${countries}::text[]) as code order by code
    on conflict (code) do update set zone = excluded.zone`;
}
