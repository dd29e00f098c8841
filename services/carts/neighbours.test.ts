import { expect, test } from "@jest/globals";
import { money } from "../../lib/money.ts";
import { service } from "../../lib/service.ts";
import { eventually } from "../../test/support/eventually.ts";
import { startNodes } from "../../test/support/nodes.ts";
import { smallCatalog } from "../../test/support/small-catalog.ts";
import { findOptions } from "../shipping/contract.ts";
import { berlin } from "./carts.support.ts";
import * as carts from "./contract.ts";

/** A shipping service with the options of this table, by country, as they are at the moment. */
const smallShipping = (served: Record<string, string[]>) =>
  service("shipping", { findOptions }, () => ({
    actions: {
      findOptions: async ({ country }) => {
        const ids = served[country] ?? [];
        return { options: ids.map((id) => ({ id, name: id, price: money(300, "EUR"), estimate: "today" })) };
      },
    },
  }));

test("a cart lives with what shipping and pricing do meanwhile", async () => {
  const shelf = smallCatalog();
  const brick = shelf.sell({ price: 1000 });
  const served = { DE: ["pigeon", "snail"], AT: ["pigeon"] };
  await using nodes = await startNodes({ services: ["carts", "pricing"], schemas: [shelf.schema, smallShipping(served)] });
  const { id } = await nodes.call(carts.createCart, {});
  const sendTo = (country: string) => nodes.call(carts.updateCart, { id, shippingAddress: { ...berlin, country } });
  await nodes.call(carts.addItem, { id, variantId: brick.id, quantity: 1 });
  await sendTo("DE");
  const chosen = await nodes.call(carts.updateCart, { id, shippingOptionId: "snail" });
  expect(chosen).toMatchObject({ shippingOptionId: "snail", totals: { shipping: { amount: 300 } } });

  // An option that is withdrawn counts as not chosen.
  served.DE = ["pigeon"];
  const cart = await nodes.call(carts.getCart, { id });
  expect(cart).toMatchObject({ shippingOptionId: null, version: 3, totals: { shipping: { amount: 0 }, tax: { amount: 190 } } });

  // A country that the chosen option does not serve asks for a new choice; coming back does not bring the old one.
  served.DE = ["pigeon", "snail"];
  expect(await sendTo("AT")).toMatchObject({ shippingOptionId: null });
  expect(await sendTo("DE")).toMatchObject({ shippingOptionId: null, version: 5 });

  // While pricing is down nothing changes.
  const pricing = nodes.inside.getLocalService("pricing");
  await nodes.inside.destroyService(pricing);
  const more = nodes.call(carts.addItem, { id, variantId: brick.id, quantity: 5 });
  await expect(more).rejects.toMatchObject({ type: "unavailable", code: 503 });
  nodes.inside.createService(pricing.originalSchema);
  const unchanged = { items: [{ quantity: 1 }], version: 5 };
  await eventually(async () => expect(await nodes.call(carts.getCart, { id })).toMatchObject(unchanged));
});
