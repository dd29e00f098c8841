import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { money } from "../../lib/money.ts";
import { berlin, type Carts, startCarts } from "./carts.support.ts";
import * as carts from "./contract.ts";

let here: Carts;
beforeAll(async () => void (here = await startCarts()));
afterAll(async () => here.nodes[Symbol.asyncDispose]());

/** `[items, discount, shipping, tax, total]` */
const amounts = ({ totals: { items, discount, shipping, tax, total } }: carts.Cart) =>
  [items, discount, shipping, tax, total].map(({ amount }) => amount);

const add = (id: carts.Cart["id"], variantId: typeof here.brick.id, quantity = 1) =>
  here.nodes.call(carts.addItem, { id, variantId, quantity });

const refused = (field: string) => ({ type: "invalid", code: 422, data: { details: [expect.objectContaining({ field })] } });

test("a new cart is open, empty and costs nothing", async () => {
  const cart = await here.open();
  expect(cart).toMatchObject({
    status: "open",
    items: [],
    unavailable: [],
    email: null,
    shippingAddress: null,
    shippingOptionId: null,
    version: 0,
  });
  expect(cart.totals.total).toEqual(money(0, "EUR"));
  expect(await here.nodes.call(carts.getCart, { id: cart.id })).toEqual(cart);
});

test("an item has the server's price, and adding it again adds up", async () => {
  const { id } = await here.open();
  await add(id, here.brick.id, 2);
  await add(id, here.plate.id);
  const cart = await add(id, here.brick.id, 3);
  expect(cart.items.map(({ sku, quantity, total }) => ({ sku, quantity, total: total.amount }))).toEqual([
    { sku: "BRICK", quantity: 5, total: 4995 },
    { sku: "PLATE", quantity: 1, total: 50 },
  ]);
  expect(amounts(cart)).toEqual([5045, 0, 0, 0, 5045]);
  expect(cart.version).toBe(3);
  expect(await here.nodes.call(carts.getCart, { id })).toEqual(cart);
});

test("ten parallel adds of different variants make ten lines and ten versions", async () => {
  const { id } = await here.open();
  const variants = Array.from({ length: 10 }, () => here.shelf.sell({ price: 10 }));
  const answers = await Promise.all(variants.map((variant) => add(id, variant.id)));
  expect(answers.map(({ version }) => version).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(answers.every(({ items, version }) => items.length === version)).toBe(true);
  const cart = await here.nodes.call(carts.getCart, { id });
  expect(cart.items).toHaveLength(10);
  expect(cart.version).toBe(10);
});

test("parallel adds of one variant add up", async () => {
  const { id } = await here.open();
  await Promise.all(Array.from({ length: 5 }, () => add(id, here.brick.id, 2)));
  expect(await here.nodes.call(carts.getCart, { id })).toMatchObject({ items: [{ quantity: 10 }], version: 5 });
});

test("quantities are changed and items taken out", async () => {
  const { id } = await here.open();
  await add(id, here.plate.id);
  const [plate, brick] = (await add(id, here.brick.id)).items;
  const changed = await here.nodes.call(carts.changeItem, { id, itemId: plate!.id, quantity: 7 });
  expect(changed.items.map(({ quantity }) => quantity)).toEqual([7, 1]);
  const left = await here.nodes.call(carts.removeItem, { id, itemId: plate!.id });
  expect(left).toMatchObject({ items: [{ id: brick!.id }], version: 4 });
  await expect(here.nodes.call(carts.removeItem, { id, itemId: plate!.id })).rejects.toMatchObject({ type: "not_found" });
  await expect(here.nodes.call(carts.changeItem, { id, itemId: plate!.id, quantity: 1 })).rejects.toMatchObject({
    type: "not_found",
  });
});

test("the item of another cart is not touched", async () => {
  const [mine, other] = [await here.open(), await here.open()];
  const [item] = (await add(other.id, here.brick.id)).items;
  await expect(here.nodes.call(carts.removeItem, { id: mine.id, itemId: item!.id })).rejects.toMatchObject({ type: "not_found" });
  expect((await here.nodes.call(carts.getCart, { id: other.id })).items).toHaveLength(1);
});

test("a cart holds at most 999 of each and 100 different items", async () => {
  const { id } = await here.open();
  await add(id, here.brick.id, 999);
  await expect(add(id, here.brick.id)).rejects.toMatchObject(refused("quantity"));
  for (let count = 1; count < 100; count++) await add(id, here.shelf.sell({ price: 1 }).id);
  await expect(add(id, here.plate.id)).rejects.toMatchObject(refused("variantId"));
  expect((await here.nodes.call(carts.getCart, { id })).version).toBe(100);
});

test("a variant that is not for sale is refused", async () => {
  const { id } = await here.open();
  await expect(add(id, newId("var"))).rejects.toMatchObject(refused("variantId"));
  expect(await here.nodes.call(carts.getCart, { id })).toMatchObject({ items: [], version: 0 });
});

test("what is no longer sold is shown apart, costs nothing, and can be taken out", async () => {
  const { id } = await here.open();
  const rare = here.shelf.sell({ price: 5000 });
  const [item] = (await add(id, rare.id)).items;
  await add(id, here.plate.id);
  here.shelf.withdraw(rare);
  const cart = await here.nodes.call(carts.getCart, { id });
  expect(cart).toMatchObject({ unavailable: [{ id: item!.id, variantId: rare.id }], items: [{ sku: "PLATE" }] });
  expect(amounts(cart)).toEqual([50, 0, 0, 0, 50]);
  expect(await here.nodes.call(carts.removeItem, { id, itemId: item!.id })).toMatchObject({ unavailable: [] });
});

test("address and option bring tax and shipping", async () => {
  const cart = await here.ready();
  expect(cart).toMatchObject({ email: "ada@example.com", shippingAddress: berlin, shippingOptionId: "standard", version: 2 });
  expect(amounts(cart)).toEqual([1998, 0, 490, 380 + 93, 2961]);
  const moved = await here.nodes.call(carts.updateCart, { id: cart.id, shippingAddress: { ...berlin, country: "US" } });
  expect(moved.shippingOptionId).toBe("standard");
  expect(amounts(moved)).toEqual([1998, 0, 1990, 0, 3988]);
});

test("a country that is not shipped to and an option that does not exist are refused, and nothing changes", async () => {
  const { id } = await here.ready();
  const update = (wishes: object) => here.nodes.call(carts.updateCart, { id, ...wishes });
  await expect(update({ shippingAddress: { ...berlin, country: "AQ" } })).rejects.toMatchObject(
    refused("shippingAddress.country"),
  );
  await expect(update({ shippingOptionId: "teleport" })).rejects.toMatchObject(refused("shippingOptionId"));
  expect(await here.nodes.call(carts.getCart, { id })).toMatchObject({
    shippingAddress: berlin,
    shippingOptionId: "standard",
    version: 2,
  });
});

test("an option needs an address, and the options are those of the address's country", async () => {
  const { id } = await here.open();
  expect(await here.nodes.call(carts.findShippingOptions, { id })).toEqual({ data: [] });
  await expect(here.nodes.call(carts.updateCart, { id, shippingOptionId: "standard" })).rejects.toMatchObject(
    refused("shippingOptionId"),
  );
  await here.nodes.call(carts.updateCart, { id, shippingAddress: berlin });
  const { data } = await here.nodes.call(carts.findShippingOptions, { id });
  expect(data.map((option) => [option.id, option.price.amount])).toEqual([["standard", 490], ["express", 990]]); // prettier-ignore
});

test("an unknown cart is not found", async () => {
  const id = newId("cart");
  const update = here.nodes.call(carts.updateCart, { id, email: "ada@example.com" });
  const calls = [
    here.nodes.call(carts.getCart, { id }),
    here.nodes.call(carts.findShippingOptions, { id }),
    add(id, here.brick.id),
    update,
  ];
  const notFound = { status: "rejected", reason: expect.objectContaining({ type: "not_found", code: 404 }) };
  expect(await Promise.allSettled<unknown>(calls)).toEqual(calls.map(() => notFound));
});

test("adding under an Idempotency-Key adds once, also at the same instant and amid other changes", async () => {
  const { id } = await here.open();
  const input = { id, variantId: here.brick.id, quantity: 2 };
  const how = { idempotencyKey: "one", url: `/store/v1/carts/${id}/items`, path: ["id"] };
  const [first, second] = await Promise.all([
    here.nodes.request(carts.addItem, input, how),
    here.nodes.request(carts.addItem, input, how),
    add(id, here.plate.id),
  ]);
  expect(second).toEqual(first);
  expect(await here.nodes.request(carts.addItem, input, how)).toEqual(first);
  await expect(here.nodes.request(carts.addItem, { ...input, quantity: 3 }, how)).rejects.toMatchObject({
    type: "idempotency_key_reused",
  });
  const cart = await here.nodes.call(carts.getCart, { id });
  expect(cart.items.map(({ sku, quantity }) => [sku, quantity]).toSorted()).toEqual([["BRICK", 2], ["PLATE", 1]]); // prettier-ignore
  expect(cart.version).toBe(2);
});

test.each([
  ["an unknown field", { colour: "red" }, "colour"],
  ["an unknown field of the address", { shippingAddress: { ...berlin, planet: "Mars" } }, "shippingAddress.planet"],
  ["no email", { email: "ada" }, "email"],
  ["a country in small letters", { shippingAddress: { ...berlin, country: "de" } }, "shippingAddress.country"],
])("%s is refused at the edge", async (_what, wishes, field) => {
  const { id } = await here.open();
  await expect(here.nodes.request(carts.updateCart, { id, ...wishes }, { path: ["id"] })).rejects.toMatchObject(refused(field));
});
