import type { Sql, Tx } from "../../lib/database.ts";
import type { TaxRate } from "./contract.ts";
import type { z } from "zod";

type Rate = z.output<typeof TaxRate>;

interface Listing {
  readonly country: string | null;
  readonly limit: number;
  /** `<country> <class>` of the last one of the page before. */
  readonly cursor: string;
}

export const findRates = (sql: Sql, { country, limit, cursor }: Listing): Promise<Rate[]> => sql<Rate[]>`
  select country, tax_class, basis_points from class_rate
  where country = coalesce(${country}, country) and country || ' ' || tax_class > ${cursor}
  order by country || ' ' || tax_class limit ${limit}`;

export async function putRate(tx: Tx, { country, taxClass, basisPoints }: Rate): Promise<void> {
  await tx`
    insert into class_rate (country, tax_class, basis_points) values (${country}, ${taxClass}, ${basisPoints})
    on conflict (country, tax_class) do update set basis_points = excluded.basis_points`;
}

/** False when there is no such rate. */
export async function removeRate(tx: Tx, { country, taxClass }: Omit<Rate, "basisPoints">): Promise<boolean> {
  const removed = await tx`delete from class_rate where country = ${country} and tax_class = ${taxClass} returning 1`;
  return removed.length > 0;
}
