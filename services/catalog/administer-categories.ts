import type { Tx } from "../../lib/database.ts";
import { fault } from "../../lib/fault.ts";
import { idFor } from "../../lib/ids.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import * as store from "./category-store.ts";
import type * as catalog from "./contract.ts";
import { slugOf } from "./model.ts";
import { lockProducts } from "./product-store.ts";

export const findAllCategories =
  ({ db }: Resources): Handler<typeof catalog.findAllCategories> =>
  async () => ({ data: await store.findAll(db.sql) });

export const createCategory: Handler<typeof catalog.createCategory> = ({ name, parentId }, ctx) =>
  ctx.commit(async (tx) => {
    await lockProducts(tx);
    const parent = parentId === null ? undefined : await existing(tx, parentId);
    const handle = parent ? `${parent.handle}/${slugOf(name)}` : slugOf(name);
    const id = idFor("cat", handle);
    if (await store.insertCategory(tx, { id, handle, name, parentId })) return existing(tx, id);
    throw fault("conflict", `There is a category with the handle ${handle}.`);
  });

export const changeCategory: Handler<typeof catalog.changeCategory> = ({ id, name, parentId }, ctx) =>
  ctx.commit(async (tx) => {
    await lockProducts(tx);
    const before = await existing(tx, id);
    if (parentId) {
      await existing(tx, parentId);
      if (await store.isWithin(tx, parentId, id)) throw fault("conflict", "A category cannot be moved into itself.");
    }
    await store.updateCategory(tx, {
      id,
      name: name ?? before.name,
      parentId: parentId === undefined ? before.parentId : parentId,
    });
    return existing(tx, id);
  });

export const deleteCategory: Handler<typeof catalog.deleteCategory> = ({ id }, ctx) =>
  ctx.commit(async (tx) => {
    await lockProducts(tx);
    const { count } = await existing(tx, id);
    if (await store.removeCategory(tx, id)) return {};
    throw fault("conflict", count > 0 ? `There are ${count} products in this category.` : "There are categories in this one.");
  });

async function existing(tx: Tx, id: string): Promise<store.Category> {
  const found = await store.readCategory(tx, id);
  if (!found) throw fault("not_found");
  return found;
}
