import { fault } from "../../lib/fault.ts";
import { newId } from "../../lib/ids.ts";
import type { Handler } from "../../lib/service.ts";
import type * as customers from "./contract.ts";
import { MOST_ADDRESSES } from "./model.ts";
import { requireCustomer } from "./signed-in.ts";
import * as store from "./store.ts";
import type { Tools } from "./tools.ts";

export const findAddresses =
  ({ r }: Tools): Handler<typeof customers.findAddresses> =>
  async (_input, ctx) => {
    const { id } = await requireCustomer(r, ctx);
    const { addresses } = await store.getCustomer(r.db.sql, id);
    return { data: addresses };
  };

export const addAddress =
  ({ r }: Tools): Handler<typeof customers.addAddress> =>
  async (fields, ctx) => {
    const customer = await requireCustomer(r, ctx);
    const id = newId("adr");
    return ctx.commit(async (tx) => {
      if (await store.addAddress(tx, customer.id, { ...fields, id }, MOST_ADDRESSES)) return { ...fields, id };
      throw fault("conflict", `There are ${MOST_ADDRESSES} addresses already. Remove one first.`);
    });
  };

const notFound = () => fault("not_found", "There is no such address.");

export const changeAddress =
  ({ r }: Tools): Handler<typeof customers.changeAddress> =>
  async ({ addressId, ...fields }, ctx) => {
    const { id } = await requireCustomer(r, ctx);
    return ctx.commit(async (tx) => {
      if (await store.changeAddress(tx, id, { ...fields, id: addressId })) return { ...fields, id: addressId };
      throw notFound();
    });
  };

export const removeAddress =
  ({ r }: Tools): Handler<typeof customers.removeAddress> =>
  async ({ addressId }, ctx) => {
    const { id } = await requireCustomer(r, ctx);
    return ctx.commit(async (tx) => {
      if (await store.removeAddress(tx, id, addressId)) return {};
      throw notFound();
    });
  };
