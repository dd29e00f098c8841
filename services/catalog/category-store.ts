import type { Output } from "../../lib/contract.ts";
import type { Sql, Tx } from "../../lib/database.ts";
import type { findAllCategories } from "./contract.ts";
import { refreshPaths } from "./product-store.ts";

export type Category = Output<typeof findAllCategories>["data"][number];

const selected = (sql: Sql | Tx) => sql`
  select c.id, c.handle, c.name, c.parent_id, (select count(*) from product p where p.category_id = c.id)::int as count
  from category c`;

export const findAll = (sql: Sql): Promise<Category[]> => sql<Category[]>`${selected(sql)} order by c.handle`;

export async function readCategory(tx: Tx, id: string): Promise<Category | undefined> {
  const [row] = await tx<Category[]>`${selected(tx)} where c.id = ${id}`;
  return row;
}

/** False when there is one with its handle. */
export async function insertCategory(tx: Tx, { id, handle, name, parentId }: Omit<Category, "count">): Promise<boolean> {
  const rows = await tx`
    insert into category (id, handle, name, parent_id) values (${id}, ${handle}, ${name}, ${parentId})
    on conflict do nothing returning 1`;
  if (rows.length > 0) await refreshPaths(tx);
  return rows.length > 0;
}

/** Whether a category lies in another one, or is that one. */
export async function isWithin(tx: Tx, id: string, outer: string): Promise<boolean> {
  const rows = await tx`
    select from category c join category o on c.path @> array[o.handle] where c.id = ${id} and o.id = ${outer}`;
  return rows.length > 0;
}

export async function updateCategory(tx: Tx, { id, name, parentId }: Pick<Category, "id" | "name" | "parentId">): Promise<void> {
  await tx`update category set name = ${name}, parent_id = ${parentId} where id = ${id}`;
  await refreshPaths(tx);
}

/** False when something is in it. */
export async function removeCategory(tx: Tx, id: string): Promise<boolean> {
  const rows = await tx`
    delete from category c where id = ${id} and not exists (select from product p where p.category_id = c.id)
      and not exists (select from category child where child.parent_id = c.id) returning 1`;
  return rows.length > 0;
}
