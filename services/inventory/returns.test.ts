import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { kernelContract } from "../../lib/kernel-contract.ts";
import { eventually } from "../../test/support/eventually.ts";
import * as inventory from "./contract.ts";
import { aVariant, level, line, newOrder, startInventory } from "./inventory.support.ts";

let shop: Awaited<ReturnType<typeof startInventory>>;
beforeAll(async () => void (shop = await startInventory({ lowStock: 3 })));
afterAll(async () => shop[Symbol.asyncDispose]());

const caller = { kind: "admin", id: "key_anna", scopes: ["*"] } as const;
const admin: typeof shop.request = (action, input) => shop.request(action, input, { caller });
const restock = (returnId: string, ...lines: { sku: string; quantity: number }[]) =>
  shop.call(inventory.restock, { returnId, orderId: newOrder(), lines });
const historyOf = async (sku: string) =>
  (await admin(inventory.findAdjustments, { sku })).data.map(({ delta, reason, by }) => [delta, reason, by]);

test("goods that come back are put on the shelf once, also by twenty at the same instant", async () => {
  await shop.given(aVariant("mug", { quantity: 0 }), aVariant("ebook", { isTracked: false }));
  const id = newId("rtn");
  await Promise.all(
    Array.from({ length: 20 }, () =>
      restock(id, { sku: "mug", quantity: 2 }, { sku: "ebook", quantity: 1 }, { sku: "mug", quantity: 1 }),
    ),
  );
  expect(await shop.levelOf("mug")).toEqual(level("mug", 3));
  expect((await shop.told()).filter(([sku]) => sku === "mug")).toEqual([["mug", true]]);
  expect(await historyOf("mug")).toEqual([[3, "return", id]]);
});

test("the history of a SKU has every change by hand, import and return, newest first and page by page", async () => {
  await shop.given(aVariant("cup", { quantity: 10 }));
  for (const delta of [1, 2, -3]) await admin(inventory.adjust, { sku: "cup", delta, reason: `count ${delta}` });
  expect(await historyOf("cup")).toEqual([
    [-3, "count -3", "admin:key_anna"],
    [2, "count 2", "admin:key_anna"],
    [1, "count 1", "admin:key_anna"],
    [10, "import", "catalog"],
  ]);
  const first = await admin(inventory.findAdjustments, { sku: "cup", limit: 3 });
  const rest = await admin(inventory.findAdjustments, { sku: "cup", limit: 3, cursor: first.meta.nextCursor! });
  expect([first.data.length, rest.data.map(({ reason }) => reason), rest.meta.nextCursor]).toEqual([3, ["import"], null]);
  await expect(admin(inventory.findAdjustments, { sku: "cup", cursor: "x' or 1" })).rejects.toMatchObject({ type: "malformed" });
});

test("a SKU that comes down to its threshold is told of once, and again when it was filled up meanwhile", async () => {
  await shop.given(aVariant("pan", { quantity: 5 }), aVariant("pot", { quantity: 5 }), aVariant("lid", { quantity: 2 }));
  expect(await admin(inventory.setThreshold, { sku: "pot", lowStockAt: 0 })).toEqual({ sku: "pot", lowStockAt: 0 });
  await shop.reserve(newOrder(), line("pan", 2), line("pot", 4));
  await eventually(async () => expect(await low()).toEqual(["lid 2/3", "pan 3/3"]));
  await admin(inventory.adjust, { sku: "pan", delta: 1, reason: "found one" });
  await eventually(async () => expect((await shop.levelOf("pan"))?.available).toBe(4));
  await eventually(async () => expect(await filled()).toEqual(["pan 4"]));
  await shop.reserve(newOrder(), line("pot", 1));
  await eventually(async () => expect(await low()).toContain("pot 0/0"));
  await shop.reserve(newOrder(), line("pan", 2));
  await eventually(async () => expect((await low()).filter((text) => text.startsWith("pan"))).toEqual(["pan 2/3", "pan 3/3"]));
  expect(await admin(inventory.setThreshold, { sku: "pot", lowStockAt: null })).toEqual({ sku: "pot", lowStockAt: 3 });
  await expect(admin(inventory.setThreshold, { sku: "ghost", lowStockAt: 1 })).rejects.toMatchObject({ type: "not_found" });
});

async function told(event: { name: string }) {
  const { events } = await shop.call(kernelContract("inventory").feed, { after: 0 });
  return events.filter(({ type, payload }) => type === event.name && !["mug", "cup"].includes(String(payload.sku)));
}

const filled = async () => (await told(inventory.filledUp)).map(({ payload: { sku, available } }) => `${sku} ${available}`);

async function low(): Promise<string[]> {
  const events = await told(inventory.ranLow);
  return events.map(({ payload: { sku, available, threshold } }) => `${sku} ${available}/${threshold}`).toSorted();
}
