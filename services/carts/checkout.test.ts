import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { kernelContract } from "../../lib/kernel-contract.ts";
import { money } from "../../lib/money.ts";
import { eventually } from "../../test/support/eventually.ts";
import * as orders from "../orders/contract.ts";
import { berlin, type Carts, startCarts } from "./carts.support.ts";
import * as carts from "./contract.ts";

let here: Carts;
beforeAll(async () => void (here = await startCarts()));
afterAll(async () => here.nodes[Symbol.asyncDispose]());

const freeze = (cartId: carts.Cart["id"], orderId = newId("ord")) => here.nodes.call(carts.freeze, { cartId, orderId });
const reopen = (cartId: carts.Cart["id"], orderId: orders.OrderId) => here.nodes.call(carts.reopen, { cartId, orderId });
const read = (id: carts.Cart["id"]) => here.nodes.call(carts.getCart, { id });

const confirmed = (cartId: carts.Cart["id"], orderId: orders.OrderId) => {
  const nothing = money(0, "EUR");
  const totals = { items: nothing, discount: nothing, shipping: nothing, tax: nothing, includedTax: nothing, total: nothing };
  const delivery = { email: "ada@example.com", shippingAddress: berlin, shippingOptionId: "standard" };
  const about = {
    orderId,
    number: "B-1",
    cartId,
    lines: [],
    coupons: [],
    customerId: null,
    confirmedAt: new Date().toISOString(),
  };
  return here.shop.announce(orders.confirmed, { ...about, totals, ...delivery });
};
const cancelled = (cartId: carts.Cart["id"], orderId: orders.OrderId) =>
  here.shop.announce(orders.cancelled, { orderId, number: "B-1", cartId, reason: "payment_declined", confirmed: null });

test("a frozen cart says what a checkout needs, and keeps the version that its owner saw", async () => {
  const { id, version } = await here.ready();
  const lines = [{ variantId: here.brick.id, sku: "BRICK", quantity: 2, shownPrice: money(999, "EUR") }];
  const delivery = { email: "ada@example.com", shippingAddress: berlin, shippingOptionId: "standard" };
  const cart = { cartId: id, version, ...delivery, lines, coupons: [], customerId: null };
  expect(await freeze(id)).toEqual({ outcome: "frozen", cart });
  expect(await read(id)).toMatchObject({ status: "locked", version });
});

test("freezing twice for one order, also at the same instant, gives the same answer twice", async () => {
  const { id } = await here.ready();
  const orderId = newId("ord");
  const [first, second] = await Promise.all([freeze(id, orderId), freeze(id, orderId)]);
  expect(first.outcome).toBe("frozen");
  expect(second).toEqual(first);
  expect(await freeze(id, orderId)).toEqual(first);
});

test("of two orders that want a cart at the same instant one gets it", async () => {
  for (let round = 1; round <= 5; round++) {
    const { id } = await here.ready();
    const rivals = [newId("ord"), newId("ord")];
    const answers = await Promise.all(rivals.map((orderId) => freeze(id, orderId)));
    const winner = rivals[answers.findIndex(({ outcome }) => outcome === "frozen")];
    expect(answers.filter(({ outcome }) => outcome === "frozen")).toHaveLength(1);
    expect(answers).toContainEqual({ outcome: "taken", orderId: winner });
  }
});

test("a locked cart refuses every change", async () => {
  const { id, items } = await here.ready();
  await freeze(id);
  const [itemId, variantId] = [items[0]!.id, here.plate.id];
  const changes = [
    here.nodes.call(carts.addItem, { id, variantId, quantity: 1 }),
    here.nodes.call(carts.changeItem, { id, itemId, quantity: 1 }),
    here.nodes.call(carts.removeItem, { id, itemId }),
    here.nodes.call(carts.updateCart, { id, email: "eve@example.com" }),
    here.nodes.call(carts.addCoupon, { id, code: "LATE" }),
    here.nodes.call(carts.removeCoupon, { id, code: "LATE" }),
  ];
  const locked = { status: "rejected", reason: expect.objectContaining({ type: "cart_locked", code: 409 }) };
  expect(await Promise.allSettled(changes)).toEqual(changes.map(() => locked));
});

test("what is changed while it is frozen is in the order or refused, never lost", async () => {
  for (let round = 1; round <= 5; round++) {
    const { id } = await here.ready();
    const add = here.nodes.call(carts.addItem, { id, variantId: here.plate.id, quantity: 1 });
    const [added, answer] = await Promise.allSettled([add, freeze(id)]);
    if (answer.status !== "fulfilled" || answer.value.outcome !== "frozen") throw new Error("the cart was not frozen");
    expect(answer.value.cart.lines).toHaveLength(added.status === "fulfilled" ? 2 : 1);
  }
});

test("an unready cart says what is missing and stays open; the order that was told so is told so again", async () => {
  const { id } = await here.open();
  const orderId = newId("ord");
  const answer = { outcome: "unready", missing: ["items", "email", "shippingAddress", "shippingOptionId"] };
  expect(await freeze(id, orderId)).toEqual(answer);
  await here.nodes.call(carts.addItem, { id, variantId: here.brick.id, quantity: 1 });
  expect(await freeze(id)).toEqual({ outcome: "unready", missing: ["email", "shippingAddress", "shippingOptionId"] });
  await here.nodes.call(carts.updateCart, { id, email: "a@example.com", shippingAddress: berlin, shippingOptionId: "express" });
  expect(await freeze(id, orderId)).toEqual(answer);
  expect(await freeze(id)).toMatchObject({ outcome: "frozen" });
});

test("an unknown cart is unknown, and reopening it does nothing", async () => {
  const [cartId, orderId] = [newId("cart"), newId("ord")];
  expect(await freeze(cartId, orderId)).toEqual({ outcome: "unknown" });
  expect(await reopen(cartId, orderId)).toEqual({});
});

test("a reopened cart can be changed, and checked out by a new order only", async () => {
  const { id } = await here.ready();
  const orderId = newId("ord");
  await freeze(id, orderId);
  expect(await reopen(id, orderId)).toEqual({});
  expect(await reopen(id, orderId)).toEqual({});
  expect(await read(id)).toMatchObject({ status: "open" });
  await here.nodes.call(carts.addItem, { id, variantId: here.plate.id, quantity: 1 });
  expect(await freeze(id, orderId)).toEqual({ outcome: "reopened" });
  expect(await freeze(id)).toMatchObject({ outcome: "frozen", cart: { lines: [{ sku: "BRICK" }, { sku: "PLATE" }] } });
});

test("a freeze that arrives after its undo changes nothing", async () => {
  const { id } = await here.ready();
  const orderId = newId("ord");
  await reopen(id, orderId);
  expect(await freeze(id, orderId)).toEqual({ outcome: "reopened" });
  expect(await read(id)).toMatchObject({ status: "open" });
});

test("after a freeze and its undo at the same instant the cart is open", async () => {
  for (let round = 1; round <= 10; round++) {
    const { id } = await here.ready();
    const orderId = newId("ord");
    await Promise.all([freeze(id, orderId), reopen(id, orderId)]);
    expect(await read(id)).toMatchObject({ status: "open" });
    expect(await freeze(id, orderId)).toEqual({ outcome: "reopened" });
  }
});

test("only the order that has the cart can reopen it", async () => {
  const { id } = await here.ready();
  const orderId = newId("ord");
  await freeze(id, orderId);
  await reopen(id, newId("ord"));
  expect(await read(id)).toMatchObject({ status: "locked" });
});

test("a confirmed order completes its cart for good, and says so once", async () => {
  const { id } = await here.ready();
  const orderId = newId("ord");
  await freeze(id, orderId);
  await confirmed(id, orderId);
  await confirmed(id, newId("ord"));
  await eventually(async () => expect(await read(id)).toMatchObject({ status: "completed", items: [{ sku: "BRICK" }] }));
  await cancelled(id, orderId);
  await reopen(id, orderId);
  expect(await freeze(id)).toEqual({ outcome: "taken", orderId });
  await expect(here.nodes.call(carts.updateCart, { id, email: "eve@example.com" })).rejects.toMatchObject({
    type: "cart_locked",
  });
  await eventually(async () =>
    expect((await here.nodes.call(kernelContract("carts").cursors, {})).cursors).toMatchObject([{ lag: 0 }]),
  );
  const { events } = await here.nodes.call(kernelContract("carts").feed, { after: 0 });
  const told = events.filter(({ key }) => key === id).map(({ type, payload }) => ({ type, payload }));
  expect(told).toEqual([
    { type: "carts.started", payload: { cartId: id } },
    { type: "carts.completed", payload: { cartId: id, orderId } },
  ]);
});

test("a cancelled order gives its cart back, even if nobody has undone the freeze, and another's not", async () => {
  const [mine, other] = [await here.ready(), await here.ready()];
  const orderId = newId("ord");
  await freeze(mine.id, orderId);
  await freeze(other.id);
  await cancelled(other.id, orderId);
  await cancelled(mine.id, orderId);
  await eventually(async () => expect(await read(mine.id)).toMatchObject({ status: "open" }));
  expect(await read(other.id)).toMatchObject({ status: "locked" });
  expect(await freeze(mine.id, orderId)).toEqual({ outcome: "reopened" });
});
