import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Database, openDatabase } from "../../lib/database.ts";
import { kernelContract } from "../../lib/kernel-contract.ts";
import { loadServices } from "../../lib/node.ts";
import { provision } from "../../lib/provision.ts";
import { eventually } from "../../test/support/eventually.ts";
import * as carts from "../carts/contract.ts";
import * as orders from "./contract.ts";
import { codeOf, refusalOf, type Shop, startOrders } from "./orders.support.ts";

const kernel = kernelContract("orders");

let shop: Shop;
let books: Database;
beforeAll(async () => {
  shop = await startOrders({ providerTimeout: 300 });
  books = openDatabase(await provision(shop.environment.config, "payments"), { service: "test", poolSize: 2 });
}, 60_000);
afterAll(async () => {
  await books.close();
  await shop[Symbol.asyncDispose]();
});

/** Has the payment provider answer nobody while `work` goes on: its books are locked. */
async function whileSilent<T>(work: () => Promise<T>): Promise<T> {
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const silence = books.transaction(async (tx) => {
    await tx`lock table sandbox.intent in access exclusive mode`;
    begin();
    await over;
  });
  await begun;
  try {
    return await work();
  } finally {
    end();
    await silence;
  }
}

async function without<T>(service: string, work: () => Promise<T>): Promise<T> {
  await shop.inside.destroyService(service);
  try {
    return await work();
  } finally {
    for (const schema of await loadServices([service])) shop.inside.createService(schema);
    await shop.outside.waitForServices([service], 10_000, 20);
  }
}

test("a refund that the provider does not answer is 202, keeps other moves waiting, and is made once", async () => {
  const { id } = await shop.bought();
  const asked = await whileSilent(async () => {
    const answer = await shop.refund(id, { amount: 100, reason: "late" }, { key: "silence" });
    expect(await refusalOf(shop.ship(id))).toMatchObject({ message: expect.stringContaining("refund rfd_") });
    return answer;
  });
  expect(asked).toMatchObject({ status: 202, body: { refunds: [], paymentStatus: "captured" } });
  await eventually(async () => expect((await shop.read(id)).refunds).toHaveLength(1), 60_000);
  expect(await shop.refund(id, { amount: 100, reason: "late" }, { key: "silence" })).toMatchObject({
    status: 200,
    body: { paymentStatus: "partially_refunded" },
  });
  expect((await shop.ledger(id)).filter((line) => line.startsWith("refund"))).toEqual(["refund 100"]);
}, 120_000);

test("a refund that an operator gives up while nobody knows what became of it is not forgotten", async () => {
  const { id } = await shop.bought();
  await whileSilent(async () => {
    expect(await shop.refund(id, { amount: 100, reason: "late" })).toMatchObject({ status: 202 });
    const { sagas } = await shop.call(kernel.sagas, { status: "running" });
    const saga = sagas.find(({ name }) => name === "orders.refund")!;
    expect(await shop.call(kernel.steerSaga, { id: saga.id, move: "compensate", by: "test" })).toEqual({ outcome: "done" });
  });
  await eventually(async () => expect((await shop.read(id)).refunds).toHaveLength(1), 60_000);
  expect(await codeOf(shop.ship(id))).toBe("ok");
  expect((await shop.ledger(id)).filter((line) => line.startsWith("refund"))).toEqual(["refund 100"]);
}, 120_000);

test("a return while inventory is down is finished when it is back", async () => {
  const { id } = await shop.bought(2);
  await shop.ship(id);
  const { BRICK } = await shop.stock();
  const asked = await without("inventory", () => shop.takeBack(id, { reason: "too red" }));
  expect(asked).toMatchObject({ status: 202, body: { lines: [{ returned: 0 }] } });
  await eventually(async () => expect((await shop.read(id)).fulfilmentStatus).toBe("returned"), 60_000);
  expect((await shop.stock()).BRICK).toBe(BRICK! + 2);
}, 120_000);

test("a cancellation while payments is down goes on forward when it is back: nothing is sent meanwhile", async () => {
  const { id } = await shop.bought();
  const before = await shop.stock();
  await without("payments", async () => {
    expect(await shop.cancel(id)).toMatchObject({ status: 202, body: { status: "confirmed" } });
    expect(await codeOf(shop.ship(id))).toBe("conflict");
  });
  await eventually(
    async () => expect(await shop.read(id)).toMatchObject({ status: "cancelled", paymentStatus: "refunded" }),
    60_000,
  );
  expect(await shop.stock()).toEqual({ ...before, BRICK: before.BRICK! + 1 });
}, 120_000);

test("a pending order is cancelled: its checkout is undone, with nothing left at the provider", async () => {
  const cart = await shop.cart();
  const before = await shop.stock();
  const waiting = await shop.checkout(cart.id, { token: "tok_timeout_charged", key: "pending" });
  expect(waiting.status).toBe("pending");
  const { status } = await shop.cancel(waiting.id, { reason: "fraud" }, { key: "stop" });
  expect([200, 202]).toContain(status);
  const cancelled = await eventually(async () => {
    const order = await shop.read(waiting.id);
    expect(order).toMatchObject({ status: "cancelled", paymentStatus: "voided" });
    return order;
  }, 60_000);
  expect(cancelled.timeline.find(({ what }) => what === "cancelled")).toMatchObject({ detail: "fraud" });
  expect((await shop.ledger(waiting.id)).map((line) => line.split(" ")[0])).toEqual(["authorize", "void"]);
  expect((await shop.call(carts.getCart, { id: cart.id })).status).toBe("open");
  expect(await shop.stock()).toEqual(before);
  expect((await shop.told(waiting.id)).map(({ type, payload }) => [type, payload.reason, payload.confirmed])).toEqual([
    ["orders.cancelled", "fraud", null],
  ]);
  expect(await refusalOf(shop.checkout(cart.id, { token: "tok_timeout_charged", key: "pending" }))).toMatchObject({
    type: "conflict",
    message: "The shop has cancelled this order: fraud.",
  });
  await eventually(async () => {
    expect(await shop.cancel(waiting.id, { reason: "fraud" }, { key: "stop" })).toMatchObject({ status: 200 });
  });
  expect(await codeOf(shop.cancel(waiting.id))).toBe("conflict");
}, 120_000);

test("a cancellation and the confirmation that it runs into end in one of the two, with the books to match", async () => {
  for (let round = 0; round < 10; round++) {
    const cart = await shop.cart();
    const before = (await shop.stock()).BRICK!;
    const buying = shop.checkout(cart.id, { key: `race ${cart.id}` }).catch((error: unknown) => error);
    const { id } = await eventually(async () => {
      const [order] = (await shop.call(orders.findOrders, { limit: 1 })).data;
      expect(order?.cartId).toBe(cart.id);
      return order!;
    });
    await shop.cancel(id, { reason: "race" });
    await buying;
    const order = await eventually(async () => {
      const now = await shop.read(id);
      expect(now.status).toBe("cancelled");
      return now;
    }, 60_000);
    expect(["voided", "refunded"]).toContain(order.paymentStatus);
    expect((await shop.stock()).BRICK).toBe(before);
    const kinds = (await shop.ledger(id)).map((line) => line.split(" ")[0]!);
    expect(["", "authorize,void", "authorize,capture,refund"]).toContain(kinds.join(","));
  }
}, 180_000);
