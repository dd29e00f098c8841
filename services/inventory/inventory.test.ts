import { expect, test } from "@jest/globals";
import { eventually } from "../../test/support/eventually.ts";
import * as inventory from "./contract.ts";
import { aVariant, level, line, newOrder, repeat, startInventory } from "./inventory.support.ts";

const many = <T>(count: number, work: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));

const count = (answers: { outcome: string }[], outcome: string) => answers.filter((answer) => answer.outcome === outcome).length;

test("an order holds all its lines until it is allocated, then the units leave the shelf, once", async () => {
  await using shop = await startInventory();
  await shop.given(aVariant("mug"), aVariant("plate"), aVariant("ebook", { isTracked: false }));
  const orderId = newOrder();
  const lines = [line("mug", 2), line("plate"), line("mug", 3), line("ebook", 500)];
  const held = await shop.reserve(orderId, ...lines);
  expect(held).toEqual({ outcome: "reserved", expiresAt: expect.any(String) });
  expect(await shop.reserve(orderId, ...lines)).toEqual(held);
  expect([await shop.levelOf("mug"), await shop.levelOf("plate")]).toEqual([level("mug", 10, 5), level("plate", 10, 1)]);
  expect(await many(5, () => shop.call(inventory.allocate, { orderId }))).toEqual(repeat(5, { outcome: "allocated" }));
  expect(await shop.reserve(orderId, ...lines)).toEqual(held);
  expect([await shop.levelOf("mug"), await shop.levelOf("plate")]).toEqual([level("mug", 5), level("plate", 9)]);
});

test("an order that cannot be served in full holds nothing, learns what is missing, and learns it again", async () => {
  await using shop = await startInventory();
  await shop.given(aVariant("mug", { quantity: 3 }), aVariant("plate"));
  const orderId = newOrder();
  const missing = [
    { variantId: line("mug").variantId, sku: "mug", requested: 4, available: 3 },
    { variantId: line("ghost").variantId, sku: "ghost", requested: 1, available: 0 },
  ];
  const lines = [line("plate"), line("mug", 4), line("ghost")];
  expect(await shop.reserve(orderId, ...lines)).toEqual({ outcome: "short", missing });
  await shop.request(
    inventory.adjust,
    { sku: "mug", delta: 5, reason: "found" },
    { caller: { kind: "admin", id: "ada", scopes: ["*"] }, path: ["sku"] },
  );
  expect(await shop.reserve(orderId, ...lines)).toEqual({ outcome: "short", missing });
  expect(await shop.call(inventory.allocate, { orderId })).toEqual({ outcome: "short", missing });
  expect([await shop.levelOf("mug"), await shop.levelOf("plate")]).toEqual([level("mug", 8), level("plate", 10)]);
  await shop.call(inventory.release, { orderId });
  expect(await shop.call(inventory.allocate, { orderId })).toEqual({ outcome: "released" });
});

test("the last unit is sold once to thirty buyers of the same instant", async () => {
  await using shop = await startInventory();
  await shop.given(aVariant("mug", { quantity: 1 }));
  const answers = await many(30, () => shop.reserve(newOrder(), line("mug")));
  expect([count(answers, "reserved"), count(answers, "short")]).toEqual([1, 29]);
  expect(await shop.levelOf("mug")).toEqual(level("mug", 1, 1));
  expect(await shop.told()).toEqual([["mug", false]]);
});

test("one order that asks twenty times at the same instant holds once", async () => {
  await using shop = await startInventory();
  await shop.given(aVariant("mug"));
  const orderId = newOrder();
  const answers = await many(20, () => shop.reserve(orderId, line("mug", 2)));
  expect(answers).toEqual(repeat(20, answers[0]));
  expect(await shop.levelOf("mug")).toEqual(level("mug", 10, 2));
});

test("orders that want the same things in another order do not wait in a circle", async () => {
  await using shop = await startInventory();
  await shop.given(aVariant("a", { quantity: 20 }), aVariant("b", { quantity: 20 }));
  const answers = await many(40, (index) =>
    shop.reserve(newOrder(), ...(index % 2 ? [line("a"), line("b")] : [line("b"), line("a")])),
  );
  expect(count(answers, "reserved")).toBe(20);
  expect([await shop.levelOf("a"), await shop.levelOf("b")]).toEqual([level("a", 20, 20), level("b", 20, 20)]);
});

test("a release puts back what was reserved or allocated, once, however often it comes", async () => {
  await using shop = await startInventory();
  await shop.given(aVariant("mug"));
  const [reserved, allocated] = [newOrder(), newOrder()];
  await shop.reserve(reserved, line("mug", 2));
  await shop.reserve(allocated, line("mug", 3));
  await shop.call(inventory.allocate, { orderId: allocated });
  expect(await shop.levelOf("mug")).toEqual(level("mug", 7, 2));
  await many(6, (index) => shop.call(inventory.release, { orderId: index % 2 ? reserved : allocated }));
  expect(await shop.levelOf("mug")).toEqual(level("mug", 10));
  expect(await shop.call(inventory.allocate, { orderId: reserved })).toEqual({ outcome: "released" });
});

test("a reservation that arrives after its release is refused", async () => {
  await using shop = await startInventory();
  await shop.given(aVariant("mug"));
  const orderId = newOrder();
  await many(3, () => shop.call(inventory.release, { orderId }));
  expect(await shop.reserve(orderId, line("mug"))).toEqual({ outcome: "released" });
  expect(await shop.call(inventory.allocate, { orderId })).toEqual({ outcome: "released" });
  expect(await shop.levelOf("mug")).toEqual(level("mug", 10));
});

test("a reservation ends by itself; its order gets the units again if they are still there", async () => {
  await using shop = await startInventory({ reservationTime: 1 });
  await shop.given(aVariant("mug"), aVariant("last", { quantity: 1 }));
  const [first, second] = [newOrder(), newOrder()];
  const held = await shop.reserve(first, line("mug", 4), line("last"));
  await eventually(async () => expect(await shop.levelOf("last")).toEqual(level("last", 1)));
  await shop.reserve(second, line("last"));
  await eventually(async () => expect(await shop.levelOf("last")).toEqual(level("last", 1)));
  expect(await shop.reserve(first, line("mug", 4), line("last"))).toEqual(held);
  expect(await many(3, () => shop.call(inventory.allocate, { orderId: first }))).toEqual(repeat(3, { outcome: "allocated" }));
  const missing = [{ variantId: line("last").variantId, sku: "last", requested: 1, available: 0 }];
  expect(await many(3, () => shop.call(inventory.allocate, { orderId: second }))).toEqual(
    repeat(3, { outcome: "short", missing }),
  );
  expect([await shop.levelOf("mug"), await shop.levelOf("last")]).toEqual([level("mug", 6), level("last", 0)]);
  await shop.call(inventory.release, { orderId: first });
  expect([await shop.levelOf("mug"), await shop.levelOf("last")]).toEqual([level("mug", 10), level("last", 1)]);
  const flips = [false, true, false, true, false, true].map((isAvailable) => ["last", isAvailable]);
  expect(await shop.told()).toEqual(flips);
});
