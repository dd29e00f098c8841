import { expect, test } from "@jest/globals";
import { money } from "../../lib/money.ts";
import { service } from "../../lib/service.ts";
import { eventually } from "../../test/support/eventually.ts";
import { startNodes } from "../../test/support/nodes.ts";
import { smallCatalog } from "../../test/support/small-catalog.ts";
import * as pricing from "../pricing/contract.ts";
import { findOptions } from "../shipping/contract.ts";
import { berlin } from "./carts.support.ts";
import * as carts from "./contract.ts";

/** A shipping service with the options of this table, by country, as they are at the moment. */
const smallShipping = (served: Record<string, string[]>) =>
  service("shipping", { findOptions }, () => ({
    actions: {
      findOptions: async ({ country }) => {
        const ids = served[country] ?? [];
        return { options: ids.map((id) => ({ id, name: id, price: money(300, "EUR"), estimate: "today", freeFrom: null })) };
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
  const running = nodes.inside.getLocalService("pricing");
  await nodes.inside.destroyService(running);
  const more = nodes.call(carts.addItem, { id, variantId: brick.id, quantity: 5 });
  await expect(more).rejects.toMatchObject({ type: "unavailable", code: 503 });
  nodes.inside.createService(running.originalSchema);
  const unchanged = { items: [{ quantity: 1 }], version: 5 };
  await eventually(async () => expect(await nodes.call(carts.getCart, { id })).toMatchObject(unchanged));
});

test("shipping is asked with the weight of what has to be sent, and with what the items cost after discounts", async () => {
  const shelf = smallCatalog();
  const anvil = shelf.sell({ price: 3000, grams: 4000 });
  const song = shelf.sell({ price: 500, grams: 1, requiresShipping: false });
  // Cheap parcels are light; from 50.00 on nothing is charged.
  const scales = service("shipping", { findOptions }, () => ({
    actions: {
      findOptions: async ({ grams, total }) => {
        const isFree = (total?.amount ?? 0) >= 5000;
        const option = (id: string, amount: number) => ({ id, name: id, price: money(isFree ? 0 : amount, "EUR"), estimate: "today", freeFrom: money(5000, "EUR") }); // prettier-ignore
        return { options: grams > 5000 ? [option("freight", 2000)] : [option("letter", 200)] };
      },
    },
  }));
  await using nodes = await startNodes({ services: ["carts", "pricing"], schemas: [shelf.schema, scales] });
  await nodes.call(pricing.createCoupon, { code: "TEN", type: "amount", value: 1001 });
  const { id } = await nodes.call(carts.createCart, {});
  const options = async () => (await nodes.call(carts.findShippingOptions, { id })).data.map((one) => [one.id, one.price.amount]);
  const [item] = (await nodes.call(carts.addItem, { id, variantId: anvil.id, quantity: 1 })).items;
  await nodes.call(carts.addItem, { id, variantId: song.id, quantity: 6 });
  await nodes.call(carts.updateCart, { id, shippingAddress: berlin, shippingOptionId: "letter" });
  expect(await options()).toEqual([["letter", 0]]);
  const reduced = await nodes.call(carts.addCoupon, { id, code: "TEN" });
  expect(reduced.totals).toMatchObject({ shipping: { amount: 200 }, discount: { amount: -1001 } });
  expect(await options()).toEqual([["letter", 200]]);

  // Too heavy now for the letter that was chosen.
  const heavy = await nodes.call(carts.changeItem, { id, itemId: item!.id, quantity: 2 });
  expect(heavy).toMatchObject({ shippingOptionId: null, totals: { shipping: { amount: 0 } } });
  expect(await options()).toEqual([["freight", 0]]);
  const letter = nodes.call(carts.updateCart, { id, shippingOptionId: "letter" });
  await expect(letter).rejects.toMatchObject({ type: "invalid", code: 422 });
});
