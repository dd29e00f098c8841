import type { Tx } from "../../lib/database.ts";
import { fault } from "../../lib/fault.ts";
import { newId } from "../../lib/ids.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import type * as pricing from "./contract.ts";
import { isPeriod } from "./model.ts";
import { pageOf } from "../../lib/contract.ts";
import * as store from "./price-store.ts";

type VariantId = Parameters<Handler<typeof pricing.setPrices>>[0]["prices"][number]["variantId"];

const shown = ({ startsAt, endsAt, archivedAt, ...list }: store.KeptPriceList): pricing.PriceList => ({
  ...list,
  ...(startsAt !== null && { startsAt }),
  ...(endsAt !== null && { endsAt }),
  ...(archivedAt !== null && { archivedAt }),
});

export const findPriceLists =
  ({ db }: Resources): Handler<typeof pricing.findPriceLists> =>
  async ({ archived, limit, cursor }) => {
    const found = await store.findLists(db.sql, { archived, cursor, limit: limit + 1 });
    return pageOf(found.map(shown), limit, ({ id }) => id);
  };

export const getPriceList =
  ({ db }: Resources): Handler<typeof pricing.getPriceList> =>
  async ({ id }) => {
    const list = await store.findList(db.sql, id);
    if (!list) throw noList();
    return shown(list);
  };

export const createPriceList: Handler<typeof pricing.createPriceList> = (input, ctx) =>
  ctx.commit(async (tx) => {
    const { name, priority, startsAt = null, endsAt = null } = input;
    if (!isPeriod(input)) throw wrongPeriod();
    const id = newId("plist");
    await store.putList(tx, { id, name, priority, startsAt, endsAt });
    return shown((await store.findList(tx, id))!);
  });

/** The list, locked, unless it was archived. */
async function openList(tx: Tx, id: string): Promise<store.KeptPriceList> {
  const list = await store.lockList(tx, id);
  if (!list) throw noList();
  if (list.archivedAt) throw fault("conflict", "The price list was archived.");
  return list;
}

export const changePriceList: Handler<typeof pricing.changePriceList> = ({ id, ...changes }, ctx) =>
  ctx.commit(async (tx) => {
    const list = await openList(tx, id);
    const { name = list.name, priority = list.priority, startsAt = list.startsAt, endsAt = list.endsAt } = changes;
    if (!isPeriod({ startsAt, endsAt })) throw wrongPeriod();
    await store.putList(tx, { id, name, priority, startsAt, endsAt });
    return shown((await store.findList(tx, id))!);
  });

export const archivePriceList: Handler<typeof pricing.archivePriceList> = ({ id }, ctx) =>
  ctx.commit(async (tx) => {
    await store.archiveList(tx, id);
    const list = await store.findList(tx, id);
    if (!list) throw noList();
    return shown(list);
  });

export const findPrices =
  ({ db }: Resources): Handler<typeof pricing.findPrices> =>
  async ({ id, limit, cursor }) => {
    if (!(await store.findList(db.sql, id))) throw noList();
    const found = await store.findPrices(db.sql, id, { cursor, limit: limit + 1 });
    const prices = found.map(({ variantId, amount }) => ({ variantId: variantId as VariantId, amount }));
    return pageOf(prices, limit, ({ variantId }) => variantId);
  };

export const setPrices: Handler<typeof pricing.setPrices> = ({ id, prices }, ctx) =>
  ctx.commit(async (tx) => {
    await openList(tx, id);
    await store.putPrices(tx, id, prices);
    return shown((await store.findList(tx, id))!);
  });

const noList = () => fault("not_found", "There is no such price list.");

const wrongPeriod = () =>
  fault("invalid", "A price list must end later than it starts.", {
    details: [{ field: "endsAt", message: "must be later than startsAt" }],
  });
