import { expect, test } from "@jest/globals";
import type { Output } from "../../lib/contract.ts";
import { faultCode } from "../../lib/fault.ts";
import { service } from "../../lib/service.ts";
import { eventually } from "../../test/support/eventually.ts";
import { startNodes, type TestNodes } from "../../test/support/nodes.ts";
import * as inventory from "../inventory/contract.ts";
import * as catalog from "./contract.ts";
import { admin, csv, importFile, row, startImport } from "./import.fixture.ts";

const shop = csv(
  row({
    handle: "brick-2x4",
    title: "Brick 2 x 4",
    type: "Bricks > Basic",
    tags: "벽돌, Stein, toy",
    sku: "BRK-24-RED",
    size: "red",
    price: "3.00",
  }),
  row({ handle: "brick-2x4", sku: "BRK-24-BLUE", size: "blue", price: "2.50", quantity: 0 }),
  row({ handle: "tall-brick", title: "Tall Brick", type: "Bricks > Tall", tags: "높은 벽돌, Hoher Stein", price: "4.00" }),
  row({ handle: "plate", title: "Plate 2 x 4", type: "Plates", tags: "플레이트, Platte", price: "1.00", quantity: 0 }),
  row({ handle: "column", title: "Column", type: "Round parts", tags: "기둥, Säule, 100%_fun", price: "9.00" }),
  row({ handle: "door", title: "Door", type: "Doors", tags: "문, Tür, brick wall", price: "7.00" }),
  row({ handle: "hidden", title: "Hidden Brick", published: false }),
);

const find = (nodes: TestNodes, query: object) =>
  nodes.request(catalog.findProducts, query, { query: Object.keys(query), method: "GET" });
const handlesOf = async (nodes: TestNodes, query: object) => (await find(nodes, query)).data.map(({ handle }) => handle);

async function stocked(): Promise<TestNodes> {
  const nodes = await startNodes({ services: ["catalog", "inventory"] });
  expect(await importFile(nodes, shop)).toMatchObject({ status: "completed", created: 7, failed: 0 });
  return nodes;
}

test("search finds words in Korean, German and English, and SKUs, best first", async () => {
  await using nodes = await stocked();
  const finds = async (q: string, ...handles: string[]) => expect([q, await handlesOf(nodes, { q })]).toEqual([q, handles]);

  await finds("벽돌", "brick-2x4", "tall-brick");
  await finds("돌", "brick-2x4", "tall-brick");
  await finds("문", "door");
  await finds("säule", "column");
  await finds("Saule", "column");
  await finds("stein", "brick-2x4", "tall-brick");
  await finds("BRICK", "brick-2x4", "tall-brick", "door");
  await finds("2x4", "brick-2x4", "plate");
  await finds("brick 2 x 4", "brick-2x4");
  await finds("toy brick", "brick-2x4");
  await finds("brk-24-blue", "brick-2x4");
  await finds("100%_", "column");
  await finds("0%f");
  await finds("%", "column");
  await finds("nothing like it");
});

test("a search of blanks is no search", async () => {
  await using nodes = await stocked();
  expect(await find(nodes, { q: "   " })).toEqual(await find(nodes, {}));
});

test("filters narrow the list: by category with its children, by price, by stock", async () => {
  await using nodes = await stocked();
  const { data: tree } = await nodes.request(catalog.findCategories, {});
  const bricks = tree.find(({ name }) => name === "Bricks");
  expect(bricks).toMatchObject({
    handle: "bricks",
    count: 2,
    children: [
      { handle: "bricks/basic", count: 1 },
      { handle: "bricks/tall", count: 1 },
    ],
  });

  expect(await handlesOf(nodes, { category: "bricks", sort: "title" })).toEqual(["brick-2x4", "tall-brick"]);
  expect(await handlesOf(nodes, { category: bricks?.id, sort: "title" })).toEqual(["brick-2x4", "tall-brick"]);
  expect(await handlesOf(nodes, { category: "bricks/tall" })).toEqual(["tall-brick"]);
  expect(await handlesOf(nodes, { category: "unknown" })).toEqual([]);
  expect(await handlesOf(nodes, { minPrice: "250", maxPrice: "400", sort: "price" })).toEqual(["brick-2x4", "tall-brick"]);
  expect(await handlesOf(nodes, { inStock: "false" })).toEqual(["plate"]);
  expect(await handlesOf(nodes, { q: "2x4", inStock: "true" })).toEqual(["brick-2x4"]);
});

test("a page's cursor leads to the next one, without holes or doubles, in every order", async () => {
  await using nodes = await stocked();
  for (const query of [
    { sort: "price" },
    { sort: "-price" },
    { sort: "newest" },
    { sort: "title" },
    { q: "brick" },
    { q: "r", sort: "price" },
  ]) {
    const all = await find(nodes, query);
    const paged: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const page: Output<typeof catalog.findProducts> = await find(nodes, { ...query, limit: 1, ...(cursor && { cursor }) });
      expect(page.meta.total).toBe(all.meta.total);
      paged.push(...page.data.map(({ handle }) => handle));
      cursor = page.meta.nextCursor;
    }
    expect(paged).toEqual(all.data.map(({ handle }) => handle));
  }
  expect((await handlesOf(nodes, { sort: "price" }))[0]).toBe("plate");
  expect((await handlesOf(nodes, { sort: "-price" }))[0]).toBe("column");
});

test("a cursor that is broken or belongs to another order is malformed", async () => {
  await using nodes = await stocked();
  const { meta } = await find(nodes, { sort: "price", limit: 1 });
  const nul = Buffer.from(JSON.stringify({ sort: "price", keys: [1, "\u0000"] })).toString("base64url");
  for (const query of [
    { cursor: "nonsense", sort: "price" },
    { cursor: meta.nextCursor, sort: "title" },
    { cursor: nul, sort: "price" },
  ]) {
    const error: unknown = await find(nodes, query).catch((reason: unknown) => reason);
    expect(faultCode(error)).toBe("malformed");
  }
});

test("a product is found by id and by handle, with what of each variant is available", async () => {
  await using nodes = await stocked();
  const product = await nodes.request(catalog.getProduct, { idOrHandle: "brick-2x4" }, { path: ["idOrHandle"], method: "GET" });
  expect(product).toMatchObject({
    title: "Brick 2 x 4",
    category: "Bricks > Basic",
    tags: ["벽돌", "Stein", "toy"],
    degraded: [],
  });
  expect(product.variants.map(({ sku, price, available }) => [sku, price.amount, available])).toEqual([
    ["BRK-24-RED", 300, 5],
    ["BRK-24-BLUE", 250, 0],
  ]);
  expect(await nodes.request(catalog.getProduct, { idOrHandle: product.id })).toEqual(product);
  const hidden: unknown = await nodes.request(catalog.getProduct, { idOrHandle: "hidden" }).catch((error: unknown) => error);
  expect(faultCode(hidden)).toBe("not_found");

  const [red, blue] = product.variants.map(({ id }) => id);
  const { variants } = await nodes.call(catalog.findVariants, {
    variantIds: [red!, blue!, "var_000000000000000000000000000000000000" as typeof red & string],
  });
  expect(variants.map(({ sku, productTitle, price }) => [sku, productTitle, price])).toEqual([
    ["BRK-24-RED", "Brick 2 x 4", { amount: 300, currency: "EUR" }],
    ["BRK-24-BLUE", "Brick 2 x 4", { amount: 250, currency: "EUR" }],
  ]);
  expect(variants[0]).toMatchObject({ taxClass: "standard", categories: ["bricks", "bricks/basic"] });
});

test("a product whose last unit is gone is no longer in stock, and is again when there are new ones", async () => {
  await using nodes = await stocked();
  const move = (delta: number) =>
    nodes.request(inventory.adjust, { sku: "DOOR-M", delta, reason: "count" }, { ...admin, path: ["sku"] });
  const isInStock = async () => (await find(nodes, { q: "door" })).data[0]?.inStock;

  await move(-5);
  await eventually(async () => expect(await isInStock()).toBe(false));
  await move(1);
  await eventually(async () => expect(await isInStock()).toBe(true));
});

test("without inventory a product is shown, and says that it does not know what is available", async () => {
  const broken = service("inventory", { findAvailability: inventory.findAvailability }, () => ({
    actions: { findAvailability: () => Promise.reject(new Error("the shelf fell over")) },
  }));
  await using nodes = await startNodes({ services: ["catalog"], schemas: [broken], config: { logLevel: "fatal" } });
  await startImport(nodes, shop);
  await eventually(async () => expect(await handlesOf(nodes, { q: "door" })).toEqual(["door"]));
  const product = await nodes.request(catalog.getProduct, { idOrHandle: "door" });
  expect(product).toMatchObject({ degraded: ["availability"], variants: [{ sku: "DOOR-M", available: null }] });
});

test("the demo's pictures are drawn, and only those", async () => {
  await using nodes = await startNodes({ services: ["catalog"] });
  const picture = await nodes.request(catalog.getPicture, { name: "brick_2x4_red.svg" });
  expect(picture.body).toMatch(/^<svg /);
  const none: unknown = await nodes.request(catalog.getPicture, { name: "brick_9x9_red.svg" }).catch((error: unknown) => error);
  expect(faultCode(none)).toBe("not_found");
});
