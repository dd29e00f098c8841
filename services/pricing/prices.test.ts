import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Input, Output } from "../../lib/contract.ts";
import { newId } from "../../lib/ids.ts";
import { startNodes, type TestNodes } from "../../test/support/nodes.ts";
import { smallCatalog } from "../../test/support/small-catalog.ts";
import * as pricing from "./contract.ts";

const shelf = smallCatalog();

let nodes: TestNodes;
beforeAll(async () => void (nodes = await startNodes({ services: ["pricing", "shipping"], schemas: [shelf.schema] })));
afterAll(async () => nodes[Symbol.asyncDispose]());

type Quoted = Exclude<Output<typeof pricing.quote>, { outcome: "unshippable" }>;
type Variant = ReturnType<typeof shelf.sell>;

const priceOf = async ({ id }: Variant) => {
  const quote = (await nodes.call(pricing.quote, { lines: [{ variantId: id, quantity: 2 }] })) as Quoted;
  return [quote.lines[0]!.unitPrice.amount, quote.totals.total.amount];
};

async function list(prices: [Variant, number][], more: Partial<Input<typeof pricing.createPriceList>> = {}) {
  const { id } = await nodes.call(pricing.createPriceList, { name: "Sale", ...more });
  if (prices.length > 0) await set(id, prices);
  return id;
}
type ListId = Awaited<ReturnType<typeof list>>;
const set = (id: ListId, prices: [Variant, number | null][]) =>
  nodes.call(pricing.setPrices, { id, prices: prices.map(([variant, amount]) => ({ variantId: variant.id, amount })) });
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

test("a listed price stands in for the catalog's until it is taken away", async () => {
  const [brick, plate] = [shelf.sell({ price: 1000 }), shelf.sell({ price: 500 })];
  const id = await list([[brick, 800], [plate, 0]]); // prettier-ignore
  expect(await nodes.call(pricing.getPriceList, { id })).toMatchObject({ name: "Sale", priority: 0, isActive: true, count: 2 });
  expect([await priceOf(brick), await priceOf(plate)]).toEqual([[800, 1600], [0, 0]]); // prettier-ignore
  expect(await set(id, [[brick, null], [plate, 300]])).toMatchObject({ count: 1 }); // prettier-ignore
  expect([await priceOf(brick), await priceOf(plate)]).toEqual([[1000, 2000], [300, 600]]); // prettier-ignore
});

test("a list counts from its start to its end, by the database's clock", async () => {
  const brick = shelf.sell({ price: 1000 });
  const id = await list([[brick, 800]], { startsAt: ago(-10) });
  expect((await priceOf(brick))[0]).toBe(1000);
  const change = (dates: object) => nodes.call(pricing.changePriceList, { id, ...dates });
  expect(await change({ startsAt: ago(10) })).toMatchObject({ isActive: true });
  expect((await priceOf(brick))[0]).toBe(800);
  expect(await change({ endsAt: ago(5) })).toMatchObject({ isActive: false });
  expect((await priceOf(brick))[0]).toBe(1000);
  await expect(change({ startsAt: ago(1) })).rejects.toMatchObject({ type: "invalid" });
  expect(await change({ startsAt: null, endsAt: null, name: "Always" })).toMatchObject({ name: "Always", isActive: true });
  await expect(list([], { startsAt: ago(1), endsAt: ago(2) })).rejects.toMatchObject({ type: "invalid" });
});

test("of several lists the one with the highest priority counts, then the one that started last", async () => {
  const brick = shelf.sell({ price: 1000 });
  await list([[brick, 700]]);
  await list([[brick, 900]], { startsAt: ago(60) });
  const late = await list([[brick, 950]], { startsAt: ago(30) });
  expect((await priceOf(brick))[0]).toBe(950);
  const first = await list([[brick, 990]], { priority: 1, startsAt: ago(90) });
  expect((await priceOf(brick))[0]).toBe(990);
  await nodes.call(pricing.archivePriceList, { id: first });
  await nodes.call(pricing.archivePriceList, { id: late });
  expect((await priceOf(brick))[0]).toBe(900);
});

test("an archived list stays as it is", async () => {
  const id = await list([]);
  expect(await nodes.call(pricing.archivePriceList, { id })).toMatchObject({ isActive: false, archivedAt: expect.any(String) });
  await expect(nodes.call(pricing.changePriceList, { id, name: "Again" })).rejects.toMatchObject({ type: "conflict" });
  await expect(set(id, [[shelf.sell({ price: 1 }), 1]])).rejects.toMatchObject({ type: "conflict" });
  const all = async (archived: boolean) => (await nodes.call(pricing.findPriceLists, { archived, limit: 100 })).data.map((one) => one.id); // prettier-ignore
  expect([(await all(true)).includes(id), (await all(false)).includes(id)]).toEqual([true, false]);
});

test("lists and prices come a page at a time", async () => {
  const variants = Array.from({ length: 3 }, () => shelf.sell({ price: 10 })).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const id = await list(variants.map((variant, place) => [variant, place]));
  const first = await nodes.call(pricing.findPrices, { id, limit: 2 });
  const second = await nodes.call(pricing.findPrices, { id, limit: 2, cursor: first.meta.nextCursor! });
  expect([...first.data, ...second.data]).toEqual(variants.map((variant, amount) => ({ variantId: variant.id, amount })));
  expect(second.meta.nextCursor).toBeNull();
  const newest = await nodes.call(pricing.findPriceLists, { limit: 1 });
  expect(newest.data[0]!.id).toBe(id);
  expect((await nodes.call(pricing.findPriceLists, { limit: 1, cursor: newest.meta.nextCursor! })).data[0]!.id < id).toBe(true);
});

test("an unknown list is not found", async () => {
  const id = newId("plist");
  const calls = [
    nodes.call(pricing.getPriceList, { id }),
    nodes.call(pricing.changePriceList, { id }),
    nodes.call(pricing.archivePriceList, { id }),
    nodes.call(pricing.findPrices, { id }),
    set(id, [[shelf.sell({ price: 1 }), 1]]),
  ];
  const notFound = { status: "rejected", reason: expect.objectContaining({ type: "not_found" }) };
  expect(await Promise.allSettled<unknown>(calls)).toEqual(calls.map(() => notFound));
});

const taxOf = async (variant: Variant, country: string) => {
  const lines = [{ variantId: variant.id, quantity: 1 }];
  return ((await nodes.call(pricing.quote, { lines, country })) as Quoted).totals.tax.amount;
};

test("a class has its country's rate; where there is none the standard rate applies", async () => {
  const [book, toy] = [shelf.sell({ price: 10_000, taxClass: "reduced" }), shelf.sell({ price: 10_000, taxClass: "zero" })];
  const countries = ["DE", "AT", "FR", "GB", "KR", "US"];
  expect(await Promise.all(countries.map((country) => taxOf(book, country)))).toEqual([700, 1000, 550, 500, 1000, 0]);
  expect(await Promise.all(countries.map((country) => taxOf(toy, country)))).toEqual([1900, 2000, 2000, 0, 1000, 0]);
});

test("rates are set, listed and taken away by the administration", async () => {
  const toy = shelf.sell({ price: 10_000, taxClass: "toys" });
  const admin = { caller: { kind: "admin", id: "ada", scopes: ["*"] } as const, path: ["country", "taxClass"] };
  const put = (rate: object) => nodes.request(pricing.setTaxRate, rate, admin);
  const remove = (taxClass: string) => nodes.request(pricing.removeTaxRate, { country: "SE", taxClass }, admin);
  await put({ country: "SE", taxClass: "toys", basisPoints: 300 });
  expect(await put({ country: "SE", taxClass: "toys", basisPoints: 400 })).toMatchObject({ basisPoints: 400 });
  expect(await taxOf(toy, "SE")).toBe(400);
  const first = await nodes.call(pricing.findTaxRates, { country: "SE", limit: 2 });
  expect(first.data.map(({ taxClass, basisPoints }) => [taxClass, basisPoints])).toEqual([["reduced", 1200], ["standard", 2500]]); // prettier-ignore
  const second = await nodes.call(pricing.findTaxRates, { country: "SE", limit: 2, cursor: first.meta.nextCursor! });
  expect(second).toMatchObject({ data: [{ taxClass: "toys" }], meta: { nextCursor: null } });
  await remove("toys");
  expect(await taxOf(toy, "SE")).toBe(2500);
  await expect(remove("toys")).rejects.toMatchObject({ type: "not_found" });
  await expect(put({ country: "SE", taxClass: "toys", basisPoints: 10_001 })).rejects.toMatchObject({ type: "invalid" });
  await expect(put({ country: "se", taxClass: "toys", basisPoints: 1 })).rejects.toMatchObject({ type: "not_found" });
});

test("with prices that include tax nothing is added, and the tax in them is said", async () => {
  await using gross = await startNodes({
    services: ["pricing", "shipping"],
    schemas: [shelf.schema],
    config: { pricesIncludeTax: true },
  });
  const brick = shelf.sell({ price: 1190 });
  const quote = (more: object) =>
    gross.call(pricing.quote, { lines: [{ variantId: brick.id, quantity: 1 }], ...more }) as Promise<Quoted>;
  const amounts = ({ totals }: Quoted) => Object.values(totals).map(({ amount }) => amount);
  const { totals, lines } = await quote({ country: "DE", shippingOptionId: "standard" });
  expect(lines[0]).toMatchObject({ total: { amount: 1190 }, tax: { amount: 0 }, includedTax: { amount: 190 } });
  expect(totals).toMatchObject({ tax: { amount: 0 }, includedTax: { amount: 190 + 78 }, total: { amount: 1190 + 490 } });
  expect(amounts(await quote({}))).toEqual([1190, 0, 0, 0, 0, 1190]);
});
