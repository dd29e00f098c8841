import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { kernelContract } from "../../lib/kernel-contract.ts";
import * as pricing from "../pricing/contract.ts";
import { berlin, type Carts, startCarts } from "./carts.support.ts";
import * as carts from "./contract.ts";

let here: Carts;
beforeAll(async () => void (here = await startCarts()));
afterAll(async () => here.nodes[Symbol.asyncDispose]());

type CartId = carts.Cart["id"];
type CustomerId = NonNullable<carts.Cart["customerId"]>;
const adopt = (customerId: CustomerId, cartId?: CartId) =>
  here.nodes.call(carts.adopt, { customerId, email: "ada@example.com", ...(cartId && { cartId }) });
const read = (id: CartId) => here.nodes.call(carts.getCart, { id });
const add = (id: CartId, variant: { id: typeof here.brick.id }, quantity = 1) =>
  here.nodes.call(carts.addItem, { id, variantId: variant.id, quantity });
const quantities = ({ items }: carts.Cart) => items.map(({ sku, quantity }) => [sku, quantity]);

/** A guest's cart with so many bricks. */
async function guest(bricks: number): Promise<CartId> {
  const { id } = await here.open();
  if (bricks > 0) await add(id, here.brick, bricks);
  return id;
}

test("a customer without a cart has none, and a guest's becomes the customer's own", async () => {
  const customerId = newId("cus");
  expect(await adopt(customerId)).toEqual({ cartId: null });
  const id = await guest(2);
  expect(await adopt(customerId, id)).toEqual({ cartId: id });
  const cart = await read(id);
  expect(cart).toMatchObject({ customerId, email: "ada@example.com", version: 2 });
  expect(await adopt(customerId, id)).toEqual({ cartId: id });
  expect(await adopt(customerId)).toEqual({ cartId: id });
  expect(await read(id)).toEqual(cart);
});

test("an email that the cart has stays", async () => {
  const { id } = await here.ready();
  await here.nodes.call(carts.updateCart, { id, email: "work@example.com" });
  await adopt(newId("cus"), id);
  expect(await read(id)).toMatchObject({ email: "work@example.com" });
});

test("a guest's items join the customer's, once, and leave the guest's cart", async () => {
  const customerId = newId("cus");
  const own = await guest(2);
  await adopt(customerId, own);
  const other = await guest(3);
  await add(other, here.plate, 4);
  const answers = await Promise.all(Array.from({ length: 5 }, () => adopt(customerId, other)));
  expect(answers).toEqual(answers.map(() => ({ cartId: own })));
  const cart = await read(own);
  expect(quantities(cart)).toEqual([["BRICK", 5], ["PLATE", 4]]); // prettier-ignore
  expect(await read(other)).toMatchObject({ status: "open", items: [], customerId: null });
  await adopt(customerId, other);
  expect(await read(own)).toEqual(cart);
});

test("what goes beyond the limits stays in the guest's cart", async () => {
  const customerId = newId("cus");
  const own = await guest(990);
  await adopt(customerId, own);
  const other = await guest(20);
  await adopt(customerId, other);
  expect(quantities(await read(own))).toEqual([["BRICK", 999]]);
  expect(quantities(await read(other))).toEqual([["BRICK", 11]]);
});

test("coupons join too, and address and option where the customer's cart has none", async () => {
  await here.nodes.call(pricing.createCoupon, { code: "TEN", type: "percent", value: 10 });
  const customerId = newId("cus");
  const own = await guest(1);
  await adopt(customerId, own);
  const { id } = await here.ready();
  await here.nodes.call(carts.addCoupon, { id, code: "TEN" });
  await adopt(customerId, id);
  expect(await read(own)).toMatchObject({
    items: [{ quantity: 3 }],
    coupons: [{ code: "TEN" }],
    shippingAddress: berlin,
    shippingOptionId: "standard",
    email: "ada@example.com",
  });
});

test("a cart that is somebody else's, in checkout, bought or unknown is left alone", async () => {
  const [customerId, stranger] = [newId("cus"), newId("cus")];
  const theirs = await guest(1);
  await adopt(stranger, theirs);
  const { id: locked } = await here.ready();
  await here.nodes.call(carts.freeze, { cartId: locked, orderId: newId("ord") });
  const before = await Promise.all([read(theirs), read(locked)]);
  for (const id of [theirs, locked, newId("cart")]) expect(await adopt(customerId, id)).toEqual({ cartId: null });
  expect(await Promise.all([read(theirs), read(locked)])).toEqual(before);
});

test("two guests' carts that become one customer's at the same instant are one cart, with all of both", async () => {
  for (let round = 1; round <= 5; round++) {
    const customerId = newId("cus");
    const [a, b] = [await guest(1), await guest(2)];
    await Promise.all([adopt(customerId, a), adopt(customerId, b)]);
    const { cartId } = await adopt(customerId);
    expect([a, b]).toContain(cartId);
    expect(quantities(await read(cartId!))).toEqual([["BRICK", 3]]);
  }
});

test("nothing is lost of what is added to a guest's cart while it is adopted", async () => {
  for (let round = 1; round <= 5; round++) {
    const customerId = newId("cus");
    const own = await guest(1);
    await adopt(customerId, own);
    const other = await guest(1);
    await Promise.all([adopt(customerId, other), add(other, here.brick, 5), add(own, here.brick, 7)]);
    const units = [...quantities(await read(own)), ...quantities(await read(other))].map(([, quantity]) => Number(quantity));
    expect(units.reduce((sum, quantity) => sum + quantity, 0)).toBe(14);
  }
});

test("a cart is somebody's when it is opened by a signed-in customer, but for a second one", async () => {
  const customerId = newId("cus");
  const caller = { kind: "customer", id: customerId, session: "s" } as const;
  const first = await here.nodes.request(carts.createCart, {}, { caller });
  expect(first).toMatchObject({ customerId });
  expect(await read(first.id)).toEqual(first);
  expect(await here.nodes.request(carts.createCart, {}, { caller })).toMatchObject({ customerId: null });
  expect(await adopt(customerId)).toEqual({ cartId: first.id });
});

test("the order of an adopted cart is its customer's; a cart that comes back beside a new one is a guest's", async () => {
  const customerId = newId("cus");
  const { id } = await here.ready();
  await adopt(customerId, id);
  const orderId = newId("ord");
  expect(await here.nodes.call(carts.freeze, { cartId: id, orderId })).toMatchObject({ cart: { customerId } });
  expect(await adopt(customerId)).toEqual({ cartId: null });
  const next = await guest(1);
  await adopt(customerId, next);
  await here.nodes.call(carts.reopen, { cartId: id, orderId });
  expect(await read(id)).toMatchObject({ status: "open", customerId: null });
  expect(await adopt(customerId)).toEqual({ cartId: next });
  await adopt(customerId, id);
  expect(quantities(await read(next))).toEqual([["BRICK", 3]]);
});

test("that a cart was started is announced once, with its first item, whichever way that came", async () => {
  const customerId = newId("cus");
  const caller = { kind: "customer", id: customerId, session: "s" } as const;
  const { id: own } = await here.nodes.request(carts.createCart, {}, { caller });
  const other = await guest(1);
  await Promise.all([add(other, here.plate), add(other, here.plate)]);
  await adopt(customerId, other);
  await add(own, here.plate);
  await add(other, here.brick);
  const { events } = await here.nodes.call(kernelContract("carts").feed, { after: 0, limit: 1000 });
  const started = events.filter(({ type }) => type === "carts.started").map(({ key }) => key);
  expect(started.filter((key) => key === own || key === other)).toEqual([other, own]);
});
