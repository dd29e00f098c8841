import { expect, test } from "@jest/globals";
import { parse } from "csv-parse/sync";
import { faultCode } from "../../lib/fault.ts";
import { kernelContract } from "../../lib/kernel-contract.ts";
import { startNodes, type TestNodes } from "../../test/support/nodes.ts";
import * as catalog from "./contract.ts";
import { admin, importFile } from "./import.fixture.ts";

type Records = Record<string, string>[];

/** Every column of Shopify's export, and some that apps and markets add. */
const columns = [
  "Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published",
  "Option1 Name", "Option1 Value", "Option1 Linked To", "Option2 Name", "Option2 Value", "Option2 Linked To",
  "Option3 Name", "Option3 Value", "Option3 Linked To", "Variant SKU", "Variant Grams", "Variant Inventory Tracker",
  "Variant Inventory Qty", "Variant Inventory Policy", "Variant Fulfillment Service", "Variant Price",
  "Variant Compare At Price", "Variant Requires Shipping", "Variant Taxable", "Unit Price Total Measure",
  "Unit Price Total Measure Unit", "Unit Price Base Measure", "Unit Price Base Measure Unit", "Variant Barcode", "Image Src",
  "Image Position", "Image Alt Text", "Gift Card", "SEO Title", "SEO Description",
  "Google Shopping / Google Product Category", "Google Shopping / Gender", "Google Shopping / Age Group",
  "Google Shopping / MPN", "Google Shopping / Condition", "Google Shopping / Custom Product", "Google Shopping / Custom Label 0",
  "Fabric (product.metafields.custom.fabric)", "Care guide (product.metafields.descriptors.care_guide)", "Variant Image",
  "Variant Weight Unit", "Variant Tax Code", "Cost per item", "Included / Primary", "Price / International",
  "Compare At Price / International", "Status",
]; // prettier-ignore

const rows: Records = [
  {
    Handle: "셔츠", Title: 'Shirt "Ada", soft', "Body (HTML)": "<p>Two\r\nlines, <b>bold</b></p>", Vendor: "Klotz & Sohn",
    "Product Category": "Apparel > Clothing > Shirts", Type: "", Tags: "soft,linen , 셔츠", Published: "TRUE",
    "Option1 Name": "Color", "Option1 Value": "Red", "Option1 Linked To": "product.metafields.shopify.color-pattern",
    "Option2 Name": "Size", "Option2 Value": "S", "Variant SKU": "", "Variant Grams": "113.4", "Variant Inventory Tracker": "",
    "Variant Inventory Qty": "7", "Variant Inventory Policy": "deny", "Variant Fulfillment Service": "manual",
    "Variant Price": "50", "Variant Compare At Price": "0.00", "Variant Requires Shipping": "true", "Variant Taxable": "TRUE",
    "Unit Price Total Measure": "1", "Unit Price Total Measure Unit": "kg", "Variant Barcode": "4006381333931",
    "Image Src": "https://x.example/a.jpg", "Image Position": "1", "Image Alt Text": "Front", "Gift Card": "false",
    "SEO Title": "Buy the shirt", "SEO Description": "Soft, and\nlinen", "Google Shopping / Gender": "unisex",
    "Google Shopping / MPN": "MPN-1", "Google Shopping / Condition": "new",
    "Fabric (product.metafields.custom.fabric)": "Linen; Cotton",
    "Care guide (product.metafields.descriptors.care_guide)": '{"type":"root"}', "Variant Image": "https://x.example/a.jpg",
    "Variant Weight Unit": "g", "Variant Tax Code": "P0000000", "Cost per item": "12.50", "Included / Primary": "true",
    "Price / International": "55.00", Status: "active",
  },
  {
    Handle: "셔츠", "Option1 Value": "Blue", "Option2 Value": "M", "Variant SKU": "SH-BLUE", "Variant Grams": "120",
    "Variant Inventory Tracker": "shipwire", "Variant Inventory Qty": "3", "Variant Inventory Policy": "continue",
    "Variant Fulfillment Service": "shipwire", "Variant Price": "49.90", "Variant Compare At Price": "60",
    "Variant Requires Shipping": "false", "Variant Taxable": "false", "Image Src": "https://x.example/b.jpg", "Image Position": "2",
    "Google Shopping / MPN": "MPN-2", "Variant Weight Unit": "kg", "Cost per item": "11", "Price / International": "54.00",
  },
  { Handle: "셔츠", "Image Src": "https://x.example/c.jpg", "Image Position": "3", "Image Alt Text": "Back" },
  {
    Handle: "gift", Title: "Gift card", Type: "Gifts", Published: "false", "Option1 Name": "Title",
    "Option1 Value": "Default Title", "Variant SKU": "GIFT", "Variant Inventory Tracker": "shopify", "Variant Inventory Qty": "5",
    "Variant Inventory Policy": "deny", "Variant Price": "10.00", "Variant Requires Shipping": "true", "Variant Taxable": "true",
    "Variant Grams": "0", "Gift Card": "true", Status: "draft",
  },
]; // prettier-ignore

const lineOf = (fields: readonly string[]) => fields.map((text) => `"${text.replaceAll('"', '""')}"`).join(",");
const file = [lineOf(columns), ...rows.map((row) => lineOf(columns.map((column) => row[column] ?? "")))].join("\n");

async function exported(nodes: TestNodes): Promise<string> {
  let csv = "";
  for (let cursor: string | null = ""; cursor !== null;) {
    const query = cursor ? { cursor } : {};
    const piece: { csv: string; nextCursor: string | null } = await nodes.request(catalog.exportProducts, query, {
      ...admin,
      query: Object.keys(query),
    });
    csv += piece.csv;
    cursor = piece.nextCursor;
  }
  return csv;
}

/** What a file says, without the order of its products and columns, and without cells that say nothing. */
function meaningOf(csv: string): Records {
  const records = parse(csv, { columns: true }) as Records;
  const said = records.map((record) => Object.fromEntries(Object.entries(record).filter(([, text]) => text.trim() !== "")));
  return said.toSorted((a, b) => (a["Handle"]! < b["Handle"]! ? -1 : a["Handle"] === b["Handle"] ? 0 : 1));
}

const headOf = async (nodes: TestNodes) => (await nodes.call(kernelContract("catalog").feed, { after: 0, limit: 1 })).head;
const start = () => startNodes({ services: ["catalog", "inventory"] });

test("an export says everything that the imported file said, in every column", async () => {
  await using nodes = await start();
  expect(await importFile(nodes, file)).toMatchObject({ status: "completed", created: 3, failed: 0 });
  const csv = await exported(nodes);
  expect(meaningOf(csv)).toEqual(meaningOf(file));

  const head = await headOf(nodes);
  expect(await importFile(nodes, csv)).toMatchObject({ created: 0, updated: 0, unchanged: 3, failed: 0 });
  expect(await headOf(nodes)).toBe(head);
});

test("an export into another shop makes the same products there", async () => {
  await using nodes = await start();
  await importFile(nodes, file);
  const csv = await exported(nodes);
  await using other = await start();
  expect(await importFile(other, csv)).toMatchObject({ created: 3, failed: 0 });
  expect(await exported(other).then(meaningOf)).toEqual(meaningOf(csv));
});

test("what has changed since is written as it is now, the rest as the file had it", async () => {
  await using nodes = await start();
  await importFile(nodes, file);
  const [, shirt] = (await nodes.request(catalog.findAllProducts, {}, admin)).data.toSorted((a, b) =>
    a.handle < b.handle ? -1 : 1,
  );
  const { id, variants } = await nodes.request(catalog.getFullProduct, { id: shirt!.id }, { ...admin, path: ["id"] });
  await nodes.request(
    catalog.changeVariant,
    { id, variantId: variants[0]!.id, price: { amount: 4500, currency: "EUR" } },
    { ...admin, path: ["id", "variantId"] },
  );
  await nodes.request(catalog.changeProduct, { id, taxClass: "reduced", category: "Tops" }, { ...admin, path: ["id"] });
  const first = meaningOf(await exported(nodes)).find(({ Handle }) => Handle === "셔츠");
  expect(first).toMatchObject({
    "Variant Price": "45.00",
    "Variant Grams": "113.4",
    Type: "Tops",
    "Product Category": "Apparel > Clothing > Shirts",
    "Tax Class (product.metafields.brickwork.tax_class)": "reduced",
  });
});

test("a large export comes in pieces that fit together, also where a product is cut", async () => {
  await using nodes = await start();
  const text = "x".repeat(90_000);
  const large = Array.from({ length: 4 }, (_, at) => `large-${at},Large ${at},Size,S,1.00,${text}`);
  const many = Array.from(
    { length: 12 },
    (_, at) => `many,${at === 0 ? "Many" : ""},${at === 0 ? "Size" : ""},${at},1.00,${text}`,
  );
  const small = Array.from({ length: 120 }, (_, at) => `small-${at},Small,Title,Default Title,2.00,`);
  const source = ["Handle,Title,Option1 Name,Option1 Value,Variant Price,Variant Note", ...large, ...many, ...small].join("\n");
  await importFile(nodes, source, 400_000);
  const first = await nodes.request(catalog.exportProducts, {}, admin);
  expect(first.csv.length).toBeLessThan(400_000);
  expect(first.nextCursor).not.toBeNull();
  const csv = await exported(nodes);
  expect(meaningOf(csv)).toHaveLength(136);
  expect(await importFile(nodes, csv, 400_000)).toMatchObject({ unchanged: 136, updated: 0, failed: 0 });
});

test("a cursor that this export did not give is malformed", async () => {
  await using nodes = await start();
  for (const cursor of ["nonsense", Buffer.from('{"id":"a"}').toString("base64url")]) {
    const asked = nodes.request(catalog.exportProducts, { cursor }, { ...admin, query: ["cursor"] });
    expect(faultCode(await asked.catch((error: unknown) => error))).toBe("malformed");
  }
});
