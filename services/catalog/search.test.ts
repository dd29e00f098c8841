import { expect, test } from "@jest/globals";
import type { Output } from "../../lib/contract.ts";
import { openDatabase } from "../../lib/database.ts";
import { provision } from "../../lib/provision.ts";
import { eventually } from "../../test/support/eventually.ts";
import { startNodes, type TestNodes } from "../../test/support/nodes.ts";
import * as catalog from "./contract.ts";
import { csv, importFile, row } from "./import.fixture.ts";

type Found = Output<typeof catalog.findProducts>;

const shop = csv(
  row({ handle: "bricks", title: "Brick 2 x 4", type: "Toys", tags: "벽돌, Steine, sharp", size: "Red", sku: "BR-R" }),
  row({ handle: "bricks", size: "Blue", sku: "BR-B" }),
  row({ handle: "house", title: "Doll's House", type: "Toys", tags: "인형의집, Häuser", size: "Red", sku: "HOUSE" }),
  row({ handle: "boxes", title: "Wooden Boxes", type: "Storage", tags: "상자, Kiste", size: "Blue", sku: "BOX", quantity: 0 }),
  row({ handle: "column", title: "Column", type: "Parts", tags: "기둥, Säule", size: "red", sku: "COL", price: "99.00" }),
  row({ handle: "the-end", title: "The End", type: "Books", size: "Hard", sku: "END" }),
  row({ handle: "mug", title: "Coffee Mug", type: "Kitchen", tags: "커피머그", size: "L", sku: "MUG" }),
);

const find = (nodes: TestNodes, query: object): Promise<Found> =>
  nodes.request(catalog.findProducts, query, { query: Object.keys(query) });
const handlesOf = async (nodes: TestNodes, query: object) => (await find(nodes, query)).data.map(({ handle }) => handle);

async function stocked(): Promise<TestNodes> {
  const nodes = await startNodes({ services: ["catalog", "inventory"] });
  expect(await importFile(nodes, shop)).toMatchObject({ status: "completed", failed: 0 });
  return nodes;
}

test("words are found in another inflection, and mistyped ones are corrected, in English, German and Korean", async () => {
  await using nodes = await stocked();
  const finds = async (q: string, ...handles: string[]) => expect([q, await handlesOf(nodes, { q })]).toEqual([q, handles]);

  await finds("bricks", "bricks");
  await finds("house", "house");
  await finds("houses", "house");
  await finds("box", "boxes");
  await finds("Haus", "house");
  await finds("Stein", "bricks");
  await finds("Säulen", "column");
  await finds("Kisten", "boxes");
  await finds("상자", "boxes");

  await finds("brcik", "bricks");
  await finds("colum", "column");
  await finds("colunm", "column");
  await finds("woden boxs", "boxes");
  await finds("Stiene", "bricks");
  await finds("Saeule", "column");
  await finds("커피머크", "mug");
  await finds("인형의짐", "house");

  // Three letters are too few for a mistake; two mistakes are too many for six letters.
  await finds("mgu");
  await finds("brrckk");
  await finds("zzzzzzz");
  await finds("coffee brick");
  await finds("the mug", "mug");
  await finds("the", "the-end");
  await finds("o'neill \\ 'x");
});

test("a correction keeps to the filters, and a search that only the filters leave empty is not corrected", async () => {
  await using nodes = await stocked();
  expect(await handlesOf(nodes, { q: "brcik", filter: { size: "red" } })).toEqual(["bricks"]);
  expect(await handlesOf(nodes, { q: "brcik", filter: { size: "hard" } })).toEqual([]);
  expect(await handlesOf(nodes, { q: "house", maxPrice: "1" })).toEqual([]);
});

test("filters narrow down by options, vendor and tags in any spelling of case, with commas for or", async () => {
  await using nodes = await stocked();
  const all = async (filter: object) => (await handlesOf(nodes, { filter, sort: "title" })).join();
  expect(await all({ size: "red" })).toBe("bricks,column,house");
  expect(await all({ Size: "RED,blue" })).toBe("bricks,column,house,boxes");
  expect(await all({ size: "red", tag: "saule" })).toBe("column");
  expect(await all({ vendor: "acme", size: "l" })).toBe("mug");
  expect(await all({ nothing: "red" })).toBe("");
  expect(await all({ size: "" })).toBe("");
});

test("facets count what each value would leave: others' filters count, their own do not", async () => {
  await using nodes = await stocked();
  const counts = async (query: object) => (await find(nodes, query)).meta.facets;
  expect(await counts({})).toBeUndefined();
  expect(await counts({ facets: "size" })).toEqual({ size: { Red: 3, Blue: 2, Hard: 1, L: 1 } });
  expect(await counts({ facets: "size,vendor", filter: { size: "blue" } })).toEqual({
    size: { Red: 3, Blue: 2, Hard: 1, L: 1 },
    vendor: { Acme: 2 },
  });
  expect(await counts({ facets: "size", filter: { size: "blue", tag: "kiste" } })).toEqual({ size: { Blue: 1 } });
  expect(await counts({ facets: "size", category: "toys" })).toEqual({ size: { Red: 2, Blue: 1 } });
  expect(await counts({ facets: "size", inStock: "false" })).toEqual({ size: { Blue: 1 } });
  expect(await counts({ facets: "size", minPrice: "9000" })).toEqual({ size: { Red: 1 } });
  expect(await counts({ facets: "size", q: "brcik" })).toEqual({ size: { Blue: 1, Red: 1 } });
  expect(await counts({ facets: "nothing" })).toEqual({ nothing: {} });
});

test("each count of a facet is the length of the list that its value leaves", async () => {
  await using nodes = await stocked();
  for (const query of [{}, { q: "o" }, { category: "toys" }, { inStock: "true" }, { filter: { vendor: "acme" } }]) {
    const { meta } = await find(nodes, { ...query, facets: "size,tag,vendor" });
    for (const [name, values] of Object.entries(meta.facets ?? {})) {
      for (const [value, count] of Object.entries(values)) {
        const filter = { ...("filter" in query ? query.filter : {}), [name]: value };
        expect([query, name, value, (await find(nodes, { ...query, filter })).meta.total]).toEqual([query, name, value, count]);
      }
    }
  }
}, 60_000);

test("products that an older release has written are found and counted soon", async () => {
  await using nodes = await stocked();
  const db = openDatabase(await provision(nodes.environment.config, "catalog"), { service: "test", poolSize: 1 });
  await db.sql`update product set search = '', facets = '{}', facet_sets = '{}', indexed_by = 0`;
  expect(await handlesOf(nodes, { q: "mug" })).toEqual([]);
  await eventually(async () => {
    const { data, meta } = await find(nodes, { q: "mug", facets: "size" });
    expect([data.map(({ handle }) => handle), meta.facets]).toEqual([["mug"], { size: { L: 1 } }]);
  }, 20_000);
  await db.close();
});
