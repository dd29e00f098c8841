import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { eventually } from "../../test/support/eventually.ts";
import { startNodes, type TestNodes } from "../../test/support/nodes.ts";
import { smallCatalog } from "../../test/support/small-catalog.ts";
import { type FaultCode, faultCode } from "../../lib/fault.ts";
import { newId } from "../../lib/ids.ts";
import { kernelContract } from "../../lib/kernel-contract.ts";
import * as carts from "../carts/contract.ts";
import * as inventory from "../inventory/contract.ts";
import * as payments from "../payments/contract.ts";
import * as orders from "./contract.ts";

const catalog = smallCatalog();
const brick = catalog.sell({ price: 1_000, sku: "BRICK" });
const rare = catalog.sell({ price: 5_000, sku: "RARE" });
const shippingAddress = { name: "Ada", line1: "Street 1", city: "Berlin", postalCode: "10115", country: "DE" };

let nodes: TestNodes;
beforeAll(async () => {
  const services = ["carts", "pricing", "shipping", "inventory", "payments", "orders"];
  nodes = await startNodes({ services, schemas: [catalog.schema] });
  await catalog.stock(brick, 100);
  await catalog.stock(rare, 1);
  await eventually(async () => expect(await available()).toEqual({ BRICK: 100, RARE: 1 }));
});
afterAll(async () => nodes[Symbol.asyncDispose]());

const available = async () => (await nodes.call(inventory.findAvailability, { skus: ["BRICK", "RARE"] })).available;

async function readyCart({ id: variantId } = brick, quantity = 1): Promise<carts.Cart> {
  const { id } = await nodes.call(carts.createCart, {});
  await nodes.call(carts.addItem, { id, variantId, quantity });
  return nodes.call(carts.updateCart, { id, email: "ada@example.com", shippingAddress, shippingOptionId: "standard" });
}

let keys = 0;
const checkout = (id: string, more: object = {}, key = `key-${keys++}`) => {
  const edge = { path: ["id"], idempotencyKey: key, url: `/store/v1/carts/${id}/checkout` };
  return nodes.request(orders.checkout, { id, payment: { method: "card", token: "tok_ok" }, ...more }, edge);
};
const paying = (token: string) => ({ payment: { method: "card", token } });
const codeOf = (call: Promise<unknown>): Promise<FaultCode | "ok" | undefined> => call.then(() => "ok" as const, faultCode);

test("a cart becomes a confirmed order with the server's prices", async () => {
  const cart = await readyCart(brick, 3);
  const order = await checkout(cart.id, { expectedTotal: cart.totals.total, version: cart.version });
  expect(order).toMatchObject({
    status: "confirmed",
    lines: [{ sku: "BRICK", quantity: 3, unitPrice: { amount: 1_000 }, total: { amount: 3_000 } }],
    totals: cart.totals,
    shippingAddress,
    email: "ada@example.com",
  });
  expect(order.timeline.map(({ what }) => what).slice(0, 2)).toEqual(["placed", "confirmed"]);
  expect((await nodes.call(carts.getCart, { id: cart.id })).status).not.toBe("open");
  await eventually(async () => {
    const { timeline, paymentStatus } = await nodes.call(orders.readOrder, { id: order.id });
    expect(paymentStatus).toBe("captured");
    expect(timeline.map(({ what }) => what)).toEqual(expect.arrayContaining(["payment captured", "parcel planned"]));
  });
});

test("an order is shown to whoever holds its token, and to nobody else", async () => {
  const { id, token } = await checkout((await readyCart()).id);
  const { id: other } = await checkout((await readyCart()).id);
  expect(await codeOf(nodes.request(orders.getOrder, { id, token }, { path: ["id"] }))).toBe("ok");
  expect(await codeOf(nodes.request(orders.followOrder, { id, token }, { path: ["id"] }))).toBe("ok");
  for (const wrong of [undefined, "", "x", `${token}x`]) {
    expect(await codeOf(nodes.request(orders.getOrder, { id, token: wrong }, { path: ["id"] }))).toBe("not_found");
  }
  expect(await codeOf(nodes.request(orders.getOrder, { id: other, token }, { path: ["id"] }))).toBe("not_found");
  expect(await codeOf(nodes.request(orders.readOrder, { id }, { path: ["id"] }))).toBe("unauthorized");
  expect(await codeOf(nodes.request(orders.findOrders, {}))).toBe("unauthorized");
});

test("a declined payment leaves a cancelled order, an open cart and all of the stock; the same key says so again", async () => {
  const before = await available();
  const cart = await readyCart();
  expect(await codeOf(checkout(cart.id, paying("tok_declined"), "declined"))).toBe("payment_declined");
  expect(await codeOf(checkout(cart.id, paying("tok_declined"), "declined"))).toBe("payment_declined");
  expect(await available()).toEqual(before);
  const [order] = (await nodes.call(orders.findOrders, { status: "cancelled", limit: 1 })).data;
  expect(order).toMatchObject({ cartId: cart.id, status: "cancelled", paymentStatus: "declined" });
  expect(await checkout(cart.id)).toMatchObject({ status: "confirmed" });
});

test("what there is too little of is named, and another buyer's cart is open again", async () => {
  const cart = await readyCart(rare, 2);
  const refused = await checkout(cart.id).catch((error: unknown) => error);
  expect(refused).toMatchObject({ type: "insufficient_stock", data: { details: [{ sku: "RARE", requested: 2, available: 1 }] } });
  expect((await nodes.call(carts.getCart, { id: cart.id })).status).toBe("open");
});

test("a total or a version that the buyer did not see is refused with both", async () => {
  const cart = await readyCart();
  const other = { amount: cart.totals.total.amount - 1, currency: "EUR" };
  const refused = await checkout(cart.id, { expectedTotal: other }).catch((error: unknown) => error);
  const actual = cart.totals.total.amount;
  expect(refused).toMatchObject({ type: "cart_changed", data: { details: [{ expected: other.amount, actual }] } });
  expect(await codeOf(checkout(cart.id, { version: cart.version - 1 }))).toBe("cart_changed");
  expect(await checkout(cart.id, { version: cart.version })).toMatchObject({ status: "confirmed" });
});

test("a cart that is not ready, or that is none, leaves no order behind and does not use the key up", async () => {
  const { id } = await nodes.call(carts.createCart, {});
  const count = async () => (await nodes.call(orders.findOrders, { limit: 100 })).data.length;
  const before = await count();
  const refused = await checkout(id, {}, "too early").catch((error: unknown) => error);
  expect(refused).toMatchObject({ type: "invalid", message: expect.stringContaining("email") });
  expect(await codeOf(checkout(newId("cart")))).toBe("not_found");
  expect(await count()).toBe(before);
  await nodes.call(carts.addItem, { id, variantId: brick.id, quantity: 1 });
  await nodes.call(carts.updateCart, { id, email: "ada@example.com", shippingAddress, shippingOptionId: "standard" });
  expect(await checkout(id, {}, "too early")).toMatchObject({ status: "confirmed" });
});

test("a variant that is no longer sold is not bought", async () => {
  const gone = catalog.sell({ price: 1, sku: "GONE" });
  const cart = await readyCart(gone);
  catalog.withdraw(gone);
  expect(await codeOf(checkout(cart.id))).toBe("cart_changed");
});

test("checking out a bought cart again, under any key and token, gives the same order", async () => {
  const cart = await readyCart();
  const { id } = await checkout(cart.id);
  expect(await checkout(cart.id)).toMatchObject({ id });
  expect(await checkout(cart.id, paying("tok_declined"))).toMatchObject({ id });
});

test("orders are found by number, email, status and date, page by page", async () => {
  const { number, id } = await checkout((await readyCart()).id);
  const find = async (query: object) => (await nodes.call(orders.findOrders, { limit: 100, ...query })).data;
  expect((await find({ number: number.toLowerCase() })).map((order) => order.id)).toEqual([id]);
  expect((await find({ email: "ADA@example.com" })).length).toBeGreaterThan(1);
  expect(await find({ email: "nobody@example.com" })).toEqual([]);
  expect((await find({ status: "pending" })).length).toBe(0);
  expect(await find({ placedUntil: "2020-01-01T00:00:00Z" })).toEqual([]);
  const all = (await find({})).map((order) => order.id);
  const paged: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const { data, meta } = await nodes.call(orders.findOrders, { limit: 3, ...(cursor && { cursor }) });
    paged.push(...data.map((order) => order.id));
    cursor = meta.nextCursor;
  }
  expect(paged).toEqual(all);
});

test("the saga's history tells each step, and holds no payment token", async () => {
  const { id } = await checkout((await readyCart()).id);
  const { saga } = await nodes.call(kernelContract("orders").readSaga, { id });
  expect(saga).toMatchObject({ name: "orders.checkout", status: "completed" });
  expect(saga?.history.map(({ step }) => step)).toEqual(
    expect.arrayContaining(["freeze", "quote", "reserve", "authorize", "allocate", "confirm"]),
  );
  expect(JSON.stringify(saga)).not.toContain("tok_ok");
});

test("an operator who compensates a pending order gets it cancelled, with nothing left at the provider", async () => {
  const cart = await readyCart();
  const waiting = await checkout(cart.id, paying("tok_timeout_charged"));
  expect(waiting.status).toBe("pending");
  await nodes.call(kernelContract("orders").steerSaga, { id: waiting.id, move: "compensate", by: "test" });
  await eventually(async () => {
    expect(await nodes.call(orders.readOrder, { id: waiting.id })).toMatchObject({
      status: "cancelled",
      paymentStatus: "voided",
    });
    const { data } = await nodes.call(payments.findLedgerEntries, { orderId: waiting.id });
    expect(data.map(({ type }) => type)).toEqual(["authorize", "void"]);
    expect((await nodes.call(carts.getCart, { id: cart.id })).status).toBe("open");
  }, 15_000);
}, 40_000);
