import { expect, test } from "@jest/globals";
import type { Output } from "../../lib/contract.ts";
import { newId } from "../../lib/ids.ts";
import { openDatabase } from "../../lib/database.ts";
import { kernelContract } from "../../lib/kernel-contract.ts";
import { provision } from "../../lib/provision.ts";
import { eventually } from "../../test/support/eventually.ts";
import { startNodes, type TestNodes } from "../../test/support/nodes.ts";
import * as inventory from "../inventory/contract.ts";
import * as catalog from "./contract.ts";
import { admin, csv, finished, header, importFile, row, startImport } from "./import.fixture.ts";

const start = () => startNodes({ services: ["catalog", "inventory"] });
const mug = row({ handle: "mug", title: "Mug", size: "S" });
const bigMug = row({ handle: "mug", size: "L", price: "12.00" });
const plate = row({ handle: "plate", title: "Plate" });

const stockOf = async (nodes: TestNodes, sku: string) =>
  (await nodes.request(inventory.findStock, { sku }, admin)).data[0]?.onHand;
const productOf = (nodes: TestNodes, idOrHandle: string) => nodes.request(catalog.getProduct, { idOrHandle });
const headOf = async (nodes: TestNodes) => (await nodes.call(kernelContract("catalog").feed, { after: 0, limit: 1 })).head;

test("a completed import is sellable, in stock and found; the same file again changes nothing", async () => {
  await using nodes = await start();
  const begun = await startImport(nodes, csv(mug, bigMug, plate));
  expect(begun).toMatchObject({ status: "running", created: 0, errors: [] });
  expect(await finished(nodes, begun.id)).toMatchObject({
    status: "completed",
    created: 3,
    updated: 0,
    unchanged: 0,
    failed: 0,
    progress: 1,
  });
  expect(await stockOf(nodes, "MUG-L")).toBe(5);
  expect((await nodes.request(catalog.findProducts, { q: "mug" })).data).toMatchObject([
    { handle: "mug", inStock: true, price: { amount: 950 } },
  ]);

  const head = await headOf(nodes);
  expect(await importFile(nodes, csv(mug, bigMug, plate))).toMatchObject({
    status: "completed",
    created: 0,
    updated: 0,
    unchanged: 3,
  });
  expect(await headOf(nodes)).toBe(head);
});

test("what changed is updated: a quantity, a price, a title; what is gone is no longer on sale", async () => {
  await using nodes = await start();
  await importFile(nodes, csv(mug, bigMug, plate));
  const before = await productOf(nodes, "mug");

  const fewer = row({ handle: "mug", title: "Mug", size: "S", quantity: 2, price: "8.00" });
  expect(await importFile(nodes, csv(fewer, bigMug, plate))).toMatchObject({ created: 0, updated: 1, unchanged: 2 });
  expect(await stockOf(nodes, "MUG-S")).toBe(2);
  expect((await nodes.request(catalog.findProducts, { q: "mug" })).data[0]?.price.amount).toBe(800);

  expect(await importFile(nodes, csv(row({ handle: "mug", title: "Cup", size: "L", price: "12.00" })))).toMatchObject({
    updated: 1,
  });
  const after = await productOf(nodes, "mug");
  expect(after).toMatchObject({ id: before.id, title: "Cup", variants: [{ id: before.variants[1]?.id, sku: "MUG-L" }] });
  expect((await nodes.request(catalog.findProducts, { q: "cup" })).data[0]?.price.amount).toBe(1200);
  expect((await productOf(nodes, "plate")).title).toBe("Plate");

  expect(await importFile(nodes, csv(mug, bigMug))).toMatchObject({ updated: 2, created: 0 });
  expect((await productOf(nodes, "mug")).variants.map(({ id }) => id)).toEqual(before.variants.map(({ id }) => id));
});

test("bad lines are reported, all good ones go in, and what a bad line was about stays on sale", async () => {
  await using nodes = await start();
  await importFile(nodes, csv(mug, bigMug));
  const bad = row({ handle: "mug", size: "L", price: "cheap" });
  const outcome = await importFile(nodes, csv(mug, bad, plate));
  expect(outcome).toMatchObject({ status: "completed", created: 1, unchanged: 1, failed: 1 });
  expect(outcome.errors).toEqual([{ line: 3, column: "Variant Price", message: expect.stringContaining("cheap") }]);
  const { variants, options } = await productOf(nodes, "mug");
  expect([variants.length, options]).toEqual([2, [{ name: "Size", values: ["S", "L"] }]]);
  expect((await nodes.request(catalog.findProducts, { q: "mug-l" })).meta.total).toBe(1);
});

test("a SKU stays with its product, and with another one it is an error", async () => {
  await using nodes = await start();
  await importFile(nodes, csv(mug));
  const thief = [row({ handle: "thief", title: "Thief", sku: "MUG-S" }), row({ handle: "thief", size: "L" })];
  const outcome = await importFile(nodes, csv(...thief));
  expect(outcome).toMatchObject({ status: "completed", created: 1, failed: 1 });
  expect(outcome.errors).toEqual([{ line: 2, column: "Variant SKU", message: 'SKU "MUG-S" belongs to product "mug"' }]);
});

test.each([
  ["that is not UTF-8", Buffer.from(csv(mug), "utf16le")],
  ["without the columns", "Name,Price\nMug,9.50"],
  ["of nothing", ""],
])("a file %s fails and says why", async (_, file) => {
  await using nodes = await start();
  const { status, errors } = await importFile(nodes, file);
  expect([status, errors.length]).toEqual(["failed", 1]);
});

test("of very many errors the first thousand are shown, and how many more there are", async () => {
  await using nodes = await start();
  const rows = Array.from({ length: 1_203 }, (_, at) => row({ handle: `p${at}`, title: "P", price: "?" }));
  const begun = await startImport(nodes, csv(...rows), 400_000);
  const { errors, failed } = await finished(nodes, begun.id);
  expect([errors.length, failed]).toEqual([1_001, 1_203]);
  expect(errors.at(-1)?.message).toBe("203 more errors are not shown");
});

test("a piece that arrives twice counts once, a missing one is noticed, an upload is imported once", async () => {
  await using nodes = await start();
  const upload = newId("upl");
  const [first = "", second = ""] = [csv(mug), `\n${plate}`].map((text) => Buffer.from(text).toString("base64"));
  await nodes.call(catalog.receiveUpload, { upload, index: 1, base64: second });
  const early: unknown = await nodes.request(catalog.startImport, { upload }, admin).catch((error: unknown) => error);
  expect(early).toMatchObject({ type: "invalid" });

  await nodes.call(catalog.receiveUpload, { upload, index: 0, base64: first });
  await nodes.call(catalog.receiveUpload, { upload, index: 0, base64: second });
  const begun = await Promise.all([1, 2].map(() => nodes.request(catalog.startImport, { upload }, admin)));
  expect(begun[0]!.id).toBe(begun[1]!.id);
  expect(await finished(nodes, begun[0]!.id)).toMatchObject({ created: 2 });
  expect(await nodes.request(catalog.startImport, { upload }, admin)).toMatchObject({ id: begun[0]!.id, status: "completed" });
});

test("an import whose node is gone is continued, and counts nothing twice", async () => {
  await using nodes = await start();
  const url = await provision(nodes.environment.config, "catalog");
  const db = openDatabase(url, { service: "test", poolSize: 1 });
  const rows = Array.from({ length: 2_000 }, (_, at) => row({ handle: `p${at}`, title: `Product ${at}` }));
  const begun = await startImport(nodes, csv(...rows), 400_000);
  const steal = () => db.sql`
    update import set token = token + 1, leased_until = now() + interval '300 milliseconds'
    where status = 'running' and entries between 1 and 1999 returning entries`;
  // What the node that loses its lease was just writing must not stay.
  const [stolen] = await eventually(async () => {
    const found = await steal();
    if (found.length === 0) throw new Error("not begun yet");
    return found;
  });
  expect(stolen?.entries).toBeLessThan(2_000);
  expect(await finished(nodes, begun.id)).toMatchObject({
    status: "completed",
    created: 2_000,
    updated: 0,
    unchanged: 0,
    failed: 0,
  });
  expect(await headOf(nodes)).toBe(2_000);
  expect(await db.sql`select from upload_piece`).toHaveLength(0);
  await db.close();
});

test("an import is not complete before inventory has its stock", async () => {
  await using nodes = await startNodes({ services: ["catalog"], config: { logLevel: "fatal" } });
  const begun = await startImport(nodes, csv(mug));
  const running = await eventually(async () => {
    const found: Output<typeof catalog.getImport> = await nodes.request(catalog.getImport, { id: begun.id }, admin);
    expect(found.progress).toBe(1);
    return found;
  });
  expect(running).toMatchObject({ status: "running", created: 1 });
});

test("only lines that have a header can be imported at all, none are fine", async () => {
  await using nodes = await start();
  expect(await importFile(nodes, `${header}\n`)).toMatchObject({ status: "completed", created: 0, errors: [] });
});
