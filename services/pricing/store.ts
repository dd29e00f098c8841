import type { Sql } from "../../lib/database.ts";

/** A country's flat tax rate in basis points; 0 where none is set. */
export async function findTaxRate(sql: Sql, country: string): Promise<number> {
  const [rate] = await sql<{ basisPoints: number }[]>`select basis_points from tax_rate where country = ${country}`;
  return rate?.basisPoints ?? 0;
}
