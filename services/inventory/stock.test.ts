import { expect, test } from "@jest/globals";
import { faultCode } from "../../lib/fault.ts";
import * as inventory from "./contract.ts";
import { aVariant, level, line, newOrder, startInventory } from "./inventory.support.ts";

test("an import changes stock only where it says another number than the import before", async () => {
  await using shop = await startInventory();
  await shop.given(aVariant("mug"), aVariant("plate"), aVariant("bowl", { quantity: -4 }));
  expect(await shop.levelOf("bowl")).toEqual(level("bowl", 0));
  const orderId = newOrder();
  await shop.reserve(orderId, line("mug", 4), line("plate", 4));
  await shop.given(aVariant("mug"), aVariant("plate", { quantity: 1 }), aVariant("bowl", { quantity: 7 }));
  expect([await shop.levelOf("mug"), await shop.levelOf("plate")]).toEqual([level("mug", 10, 4), level("plate", 4, 4)]);
  expect(await shop.told()).toEqual(
    [
      ["plate", false],
      ["bowl", true],
    ].toSorted(),
  );
  await shop.call(inventory.allocate, { orderId });
  await shop.given(aVariant("mug"), aVariant("plate", { quantity: 1 }));
  expect([await shop.levelOf("mug"), await shop.levelOf("plate")]).toEqual([level("mug", 6), level("plate", 0)]);
});

test("a SKU may stop and begin to be tracked; orders from before still find their units", async () => {
  await using shop = await startInventory();
  await shop.given(aVariant("mug", { quantity: 2 }));
  const [before, meanwhile] = [newOrder(), newOrder()];
  await shop.reserve(before, line("mug", 2));
  await shop.given(aVariant("mug", { quantity: 2, isTracked: false }));
  expect(await shop.levelOf("mug")).toBeUndefined();
  expect((await shop.reserve(meanwhile, line("mug", 50))).outcome).toBe("reserved");
  expect((await shop.call(inventory.allocate, { orderId: meanwhile })).outcome).toBe("allocated");
  await shop.given(aVariant("mug", { quantity: 5 }));
  expect(await shop.levelOf("mug")).toEqual(level("mug", 5, 2));
  expect((await shop.call(inventory.allocate, { orderId: before })).outcome).toBe("allocated");
  await shop.call(inventory.release, { orderId: meanwhile });
  expect(await shop.levelOf("mug")).toEqual(level("mug", 3));
  expect(await shop.told()).toEqual([
    ["mug", false],
    ["mug", true],
  ]);
});

test("back orders go below zero; when they are no longer taken, what is owed stays owed", async () => {
  await using shop = await startInventory();
  await shop.given(aVariant("sofa", { policy: "continue", quantity: 1 }));
  const [bought, open] = [newOrder(), newOrder()];
  await shop.reserve(bought, line("sofa", 3));
  await shop.call(inventory.allocate, { orderId: bought });
  await shop.reserve(open, line("sofa"));
  expect(await shop.levelOf("sofa")).toEqual(level("sofa", -2, 1));
  await shop.given(aVariant("sofa", { quantity: 1 }));
  expect(await shop.levelOf("sofa")).toEqual(level("sofa", -2, 1));
  expect((await shop.reserve(newOrder(), line("sofa"))).outcome).toBe("short");
  expect((await shop.call(inventory.allocate, { orderId: open })).outcome).toBe("allocated");
  await shop.request(
    inventory.adjust,
    { sku: "sofa", delta: 4, reason: "delivery" },
    { caller: { kind: "admin", id: "ada", scopes: ["*"] }, path: ["sku"] },
  );
  expect(await shop.levelOf("sofa")).toEqual(level("sofa", 1));
  expect(await shop.told()).toEqual([
    ["sofa", false],
    ["sofa", true],
  ]);
});

test("availability is a number, null for what has no end, and 0 for what nobody knows", async () => {
  await using shop = await startInventory();
  await shop.given(
    aVariant("mug"),
    aVariant("ebook", { isTracked: false }),
    aVariant("sofa", { policy: "continue", quantity: -2 }),
    aVariant("gone", { quantity: 0 }),
  );
  await shop.reserve(newOrder(), line("mug", 3));
  expect(await shop.call(inventory.findAvailability, { skus: ["mug", "ebook", "sofa", "gone", "ghost"] })).toEqual({
    available: { mug: 7, ebook: null, sofa: null, gone: 0, ghost: 0 },
  });
});

test("stock is listed page by page, without what is not tracked", async () => {
  await using shop = await startInventory();
  await shop.given(...["a", "b", "c", "d"].map((sku) => aVariant(sku)), aVariant("bb", { isTracked: false }));
  const admin = { caller: { kind: "admin", id: "ada", scopes: ["*"] } as const, query: ["sku", "limit", "cursor"] };
  const first = await shop.request(inventory.findStock, { limit: "2" }, admin);
  expect(first).toEqual({ data: [level("a", 10), level("b", 10)], meta: { limit: 2, nextCursor: "b" } });
  const second = await shop.request(inventory.findStock, { limit: "2", cursor: "b" }, admin);
  expect(second).toEqual({ data: [level("c", 10), level("d", 10)], meta: { limit: 2, nextCursor: null } });
  expect((await shop.request(inventory.findStock, { sku: "c" }, admin)).data).toEqual([level("c", 10)]);
  expect((await shop.request(inventory.findStock, { sku: "bb" }, admin)).data).toEqual([]);
});

test("an adjustment says what it has made, and is refused where it cannot be", async () => {
  await using shop = await startInventory();
  await shop.given(aVariant("mug"), aVariant("ebook", { isTracked: false }));
  await shop.reserve(newOrder(), line("mug", 4));
  const adjust = (sku: string, delta: number, key?: string) => {
    const how = {
      caller: { kind: "admin", id: "ada", scopes: ["*"] } as const,
      path: ["sku"],
      ...(key && { idempotencyKey: key }),
    };
    return shop.request(inventory.adjust, { sku, delta, reason: "counted" }, how);
  };
  expect(await adjust("mug", -6, "k1")).toEqual(level("mug", 4, 4));
  expect(await adjust("mug", -6, "k1")).toEqual(level("mug", 4, 4));
  const codeOf = (refused: Promise<unknown>) => refused.then(() => "done", faultCode);
  expect(await codeOf(adjust("mug", -1))).toBe("insufficient_stock");
  expect(await codeOf(adjust("ghost", 1))).toBe("not_found");
  expect(await codeOf(adjust("ebook", 1))).toBe("invalid");
  expect(await codeOf(adjust("mug", 0))).toBe("invalid");
  expect(await adjust("mug", 1)).toEqual(level("mug", 5, 4));
  expect(await shop.told()).toEqual([
    ["mug", false],
    ["mug", true],
  ]);
});

test("adjustments of the same instant add up and never take what is reserved", async () => {
  await using shop = await startInventory();
  await shop.given(aVariant("mug"));
  await shop.reserve(newOrder(), line("mug", 4));
  const caller = { kind: "admin", id: "ada", scopes: ["*"] } as const;
  const done = await Promise.allSettled(
    Array.from({ length: 12 }, () =>
      shop.request(inventory.adjust, { sku: "mug", delta: -1, reason: "broken" }, { caller, path: ["sku"] }),
    ),
  );
  expect(done.filter(({ status }) => status === "fulfilled")).toHaveLength(6);
  expect(await shop.levelOf("mug")).toEqual(level("mug", 4, 4));
});
