import type { Tx } from "../../lib/database.ts";
import { fault } from "../../lib/fault.ts";
import type { Handlers, Resources } from "../../lib/service.ts";
import type * as shipping from "./contract.ts";
import { twiceIn } from "./model.ts";
import * as store from "./tariff-store.ts";

type Moves = "listOptions" | "getOption" | "createOption" | "changeOption" | "archiveOption" | "findZones" | "putZone";

/** What the administration does with options, rates and zones. */
export const tariffs = ({ db }: Resources): Pick<Handlers<typeof shipping>, Moves> => ({
  listOptions: async () => ({ data: await store.readOptions(db.sql) }),
  getOption: async ({ id }) => {
    const [option] = await store.readOptions(db.sql, id);
    return option ?? nothing();
  },
  createOption: ({ id, name, rates }, ctx) =>
    ctx.commit(async (tx) => {
      if (!(await store.insertOption(tx, { id, name }))) throw fault("conflict", `There is an option "${id}" already.`);
      return withRates(tx, id, rates);
    }),
  changeOption: ({ rates, ...change }, ctx) =>
    ctx.commit(async (tx) => {
      if (!(await store.changeOption(tx, change))) return nothing();
      return withRates(tx, change.id, rates);
    }),
  archiveOption: ({ id }, ctx) =>
    ctx.commit(async (tx) => ((await store.changeOption(tx, { id, isArchived: true })) ? withRates(tx, id) : nothing())),
  findZones: async () => ({ data: await store.readZones(db.sql) }),
  putZone: (zone, ctx) =>
    ctx.commit(async (tx) => {
      await store.putZone(tx, zone);
      return { ...zone, countries: [...new Set(zone.countries)].toSorted() };
    }),
});

async function withRates(tx: Tx, id: string, rates?: shipping.AdminShippingOption["rates"]) {
  const doubled = rates && twiceIn(rates);
  if (doubled) {
    const message = `two rates for the zone ${doubled.zone} are up to the same weight`;
    throw fault("invalid", `The request is not what it should be. rates: ${message}.`, {
      details: [{ field: "rates", message }],
    });
  }
  if (rates) await store.replaceRates(tx, id, rates);
  return (await store.readOptions(tx, id))[0]!;
}

const nothing = (): never => {
  throw fault("not_found", "There is no such shipping option.");
};
