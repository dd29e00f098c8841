import { expect, test } from "@jest/globals";
import type { Output } from "../../lib/contract.ts";
import { faultCode } from "../../lib/fault.ts";
import { kernelContract } from "../../lib/kernel-contract.ts";
import { eventually } from "../../test/support/eventually.ts";
import { startNodes, type TestNodes } from "../../test/support/nodes.ts";
import * as inventory from "../inventory/contract.ts";
import * as catalog from "./contract.ts";
import { admin, csv, importFile, row } from "./import.fixture.ts";

type Product = Output<typeof catalog.getFullProduct>;

const start = () => startNodes({ services: ["catalog", "inventory"] });
const euros = (amount: number) => ({ amount, currency: "EUR" });
const codeOf = (asked: Promise<unknown>) => asked.then(() => undefined, faultCode);
const headOf = async (nodes: TestNodes) => (await nodes.call(kernelContract("catalog").feed, { after: 0, limit: 1 })).head;
const shown = (nodes: TestNodes, query: object) => nodes.request(catalog.findProducts, query, { query: Object.keys(query) });

const shirt = {
  title: "Plain Shirt",
  description: '<p onclick="x()">Soft<script>alert(1)</script></p>',
  category: "Clothes > Shirts",
  tags: ["Hemd"],
  images: [{ url: "https://x.example/red.jpg", alt: "Red" }],
  options: ["Color"],
  extra: { "SEO Title": "Shirt", "Fabric (product.metafields.custom.fabric)": "Linen" },
  variants: [
    { sku: "SH-RED", price: euros(2000), options: { Color: "Red" }, quantity: 3, image: "https://x.example/red.jpg" },
    { price: euros(1900), compareAtPrice: euros(2500), options: { Color: "Blue" }, quantity: 1 },
  ],
};

const create = (nodes: TestNodes, body: object): Promise<Product> => nodes.request(catalog.createProduct, body, admin);
const change = (nodes: TestNodes, { id }: Product, body: object): Promise<Product> =>
  nodes.request(catalog.changeProduct, { id, ...body }, { ...admin, path: ["id"] });
const changeVariant = (nodes: TestNodes, { id }: Product, variantId: string | undefined, body: object): Promise<Product> =>
  nodes.request(catalog.changeVariant, { id, variantId, ...body }, { ...admin, path: ["id", "variantId"] });

test("a product that an administrator makes is on sale, in stock, found and sanitised", async () => {
  await using nodes = await start();
  const product = await create(nodes, shirt);
  expect(product).toMatchObject({
    handle: "plain-shirt",
    description: "<p>Soft</p>",
    status: "active",
    published: true,
    taxClass: "standard",
    version: 1,
    options: [{ name: "Color", values: ["Red", "Blue"] }],
    extra: shirt.extra,
  });
  expect(product.variants).toMatchObject([
    { sku: "SH-RED", title: "Red", price: euros(2000), compareAtPrice: null, image: { alt: "Red" }, isArchived: false },
    { sku: "PLAIN-SHIRT_BLUE", compareAtPrice: euros(2500), image: null },
  ]);
  const { data } = await shown(nodes, { q: "shirts", filter: { fabric: "linen" } });
  expect(data).toMatchObject([{ handle: "plain-shirt", price: euros(1900), inStock: true }]);
  await eventually(async () => {
    const { data: levels } = await nodes.request(inventory.findStock, { sku: "SH-RED" }, admin);
    expect(levels).toMatchObject([{ onHand: 3 }]);
  });
});

test("a change is seen by the list and by carts at once, and counts as a version", async () => {
  await using nodes = await start();
  const product = await create(nodes, shirt);
  const after = await change(nodes, product, { title: "Striped Shirt", taxClass: "reduced", category: "Sale", version: 1 });
  expect(after).toMatchObject({ title: "Striped Shirt", version: 2, handle: "plain-shirt", description: "<p>Soft</p>" });
  expect((await shown(nodes, { q: "striped" })).data).toHaveLength(1);
  expect((await shown(nodes, { category: "clothes" })).data).toHaveLength(0);

  const red = product.variants[0]!;
  await changeVariant(nodes, product, red.id, { price: euros(1500), grams: 200, extra: { "Cost per item": "4.00" } });
  const { variants } = await nodes.call(catalog.findVariants, { variantIds: [red.id] });
  expect(variants).toMatchObject([{ price: euros(1500), grams: 200, taxClass: "reduced", categories: ["sale"] }]);

  expect(await codeOf(change(nodes, product, { title: "Late", version: 2 }))).toBe("conflict");
  expect(await codeOf(changeVariant(nodes, product, red.id, { sku: "OTHER" }))).toBe("invalid");
});

test("what changes nothing is not announced and no new version", async () => {
  await using nodes = await start();
  const product = await create(nodes, shirt);
  const head = await headOf(nodes);
  expect(await change(nodes, product, { title: product.title, tags: product.tags })).toEqual(product);
  expect(await headOf(nodes)).toBe(head);
});

test("of two changes for one version one is refused", async () => {
  await using nodes = await start();
  const product = await create(nodes, shirt);
  const codes = await Promise.all(["A", "B"].map((title) => codeOf(change(nodes, product, { title, version: 1 }))));
  expect(codes.toSorted()).toEqual(["conflict", undefined]);
});

test("drafts and archived products are hidden from the shop, and not from administrators", async () => {
  await using nodes = await start();
  const draft = await create(nodes, { ...shirt, status: "draft" });
  const product = await create(nodes, {
    ...shirt,
    handle: "second",
    variants: [{ sku: "SECOND", price: euros(1), options: { Color: "Red" } }],
  });
  expect((await shown(nodes, {})).data.map(({ handle }) => handle)).toEqual(["second"]);
  const archived = await nodes.request(catalog.archiveProduct, { id: product.id }, { ...admin, path: ["id"] });
  expect(archived.status).toBe("archived");
  expect((await shown(nodes, {})).meta.total).toBe(0);
  expect((await nodes.call(catalog.findVariants, { variantIds: [product.variants[0]!.id] })).variants).toEqual([]);

  const find = async (query: object) =>
    (await nodes.request(catalog.findAllProducts, query, { ...admin, query: Object.keys(query) })).data.map(
      ({ handle }) => handle,
    );
  expect(await find({})).toEqual(["second", "plain-shirt"]);
  expect(await find({ status: "draft" })).toEqual(["plain-shirt"]);
  expect(await find({ q: "sh-red" })).toEqual(["plain-shirt"]);
  const first = await nodes.request(catalog.findAllProducts, { limit: 1 }, { ...admin, query: ["limit"] });
  expect(await find({ limit: 1, cursor: first.meta.nextCursor })).toEqual(["plain-shirt"]);

  await change(nodes, draft, { status: "active" });
  await change(nodes, product, { status: "active", published: false });
  expect((await shown(nodes, {})).data.map(({ handle }) => handle)).toEqual(["plain-shirt"]);
});

test("variants come and go, and an archived one comes back as itself; the last one stays", async () => {
  await using nodes = await start();
  const product = await create(nodes, shirt);
  const add = (body: object) => nodes.request(catalog.addVariant, { id: product.id, ...body }, { ...admin, path: ["id"] });
  const archive = (variantId: string) =>
    nodes.request(catalog.archiveVariant, { id: product.id, variantId }, { ...admin, path: ["id", "variantId"] });
  const green = { sku: "SH-GREEN", price: euros(100), options: { Color: "Green" } };

  const added = await add(green);
  const { id } = added.variants[2]!;
  expect((await shown(nodes, { q: "shirt" })).data[0]?.price).toEqual(euros(100));
  expect((await archive(id)).variants[2]).toMatchObject({ id, isArchived: true });
  expect((await shown(nodes, { q: "sh-green" })).data).toEqual([]);
  expect((await add(green)).variants[2]).toMatchObject({ id, isArchived: false });
  for (const variant of [id, product.variants[0]!.id]) await archive(variant);
  expect(await codeOf(archive(product.variants[1]!.id))).toBe("conflict");
  expect(await codeOf(archive(id))).toBe("not_found");
});

const refusals: readonly (readonly [why: string, body: object, code: string])[] = [
  ["a value that an option lacks", { variants: [{ price: euros(1), options: {} }] }, "invalid"],
  ["an option that the product has not", { variants: [{ price: euros(1), options: { Color: "Red", Size: "M" } }] }, "invalid"],
  ["another currency", { variants: [{ price: { amount: 1, currency: "USD" }, options: { Color: "Red" } }] }, "invalid"],
  ["a negative price", { variants: [{ price: euros(-1), options: { Color: "Red" } }] }, "invalid"],
  ["two variants alike", { variants: ["A", "B"].map((sku) => ({ sku, price: euros(1), options: { Color: "Red" } })) }, "invalid"],
  ["one SKU twice", { variants: ["Red", "Blue"].map((Color) => ({ sku: "A", price: euros(1), options: { Color } })) }, "invalid"],
  ["no variant", { variants: [] }, "invalid"],
  ["a field as a column", { extra: { "Variant Price": "1" } }, "invalid"],
  ["a picture that is a script", { images: [{ url: "javascript:alert(1)" }] }, "invalid"],
  ["a handle that is taken", { handle: "mug" }, "conflict"],
  ["a SKU that is another product's", { variants: [{ sku: "MUG-M", price: euros(1), options: { Color: "Red" } }] }, "conflict"],
];

test("a product that cannot be sold is refused and leaves nothing behind", async () => {
  await using nodes = await start();
  await importFile(nodes, csv(row({ handle: "mug", title: "Mug" })));
  for (const [why, wrong, code] of refusals)
    expect([why, await codeOf(create(nodes, { ...shirt, ...wrong }))]).toEqual([why, code]);
  expect((await nodes.request(catalog.findAllProducts, {}, admin)).data).toHaveLength(1);
});

test("a file without a status leaves archived what an administrator has archived", async () => {
  await using nodes = await start();
  const file = "Handle,Title,Variant Price\nmug,Mug,5.00";
  await importFile(nodes, file);
  const [mug] = (await nodes.request(catalog.findAllProducts, {}, admin)).data;
  await nodes.request(catalog.archiveProduct, { id: mug!.id }, { ...admin, path: ["id"] });
  expect(await importFile(nodes, file)).toMatchObject({ unchanged: 1, updated: 0 });
  expect((await shown(nodes, {})).meta.total).toBe(0);
});

test("categories are made, renamed, moved and deleted; products and files go on knowing them", async () => {
  await using nodes = await start();
  const make = (name: string, parentId?: string) =>
    nodes.request(catalog.createCategory, { name, ...(parentId && { parentId }) }, admin);
  const alter = (id: string, body: object) => nodes.request(catalog.changeCategory, { id, ...body }, { ...admin, path: ["id"] });
  const remove = (id: string) => nodes.request(catalog.deleteCategory, { id }, { ...admin, path: ["id"] });

  const clothes = await make("Clothes");
  const shirts = await make("Shirts", clothes.id);
  expect(shirts).toMatchObject({ handle: "clothes/shirts", parentId: clothes.id, count: 0 });
  expect(await codeOf(make("CLOTHES"))).toBe("conflict");
  const product = await create(nodes, shirt);
  const categoriesOf = async () =>
    (await nodes.call(catalog.findVariants, { variantIds: [product.variants[0]!.id] })).variants[0]?.categories;
  expect(await categoriesOf()).toEqual(["clothes", "clothes/shirts"]);

  const summer = await make("Summer");
  await alter(shirts.id, { name: "Tops", parentId: summer.id });
  expect(await categoriesOf()).toEqual(["summer", "clothes/shirts"]);
  expect((await shown(nodes, { category: "summer" })).meta.total).toBe(1);
  expect((await shown(nodes, { category: "clothes" })).meta.total).toBe(0);
  expect(await codeOf(alter(summer.id, { parentId: shirts.id }))).toBe("conflict");

  expect(await codeOf(remove(shirts.id))).toBe("conflict");
  expect(await codeOf(remove(summer.id))).toBe("conflict");
  expect(await remove(clothes.id)).toEqual({});
  const { data } = await nodes.request(catalog.findAllCategories, {}, admin);
  expect(data.map(({ name, parentId, count }) => [name, parentId, count])).toEqual([
    ["Tops", summer.id, 1],
    ["Summer", null, 0],
  ]);
});
