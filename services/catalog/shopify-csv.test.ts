import { expect, test } from "@jest/globals";
import * as fc from "fast-check";

import { draftsOf, errorsOf, header, mug, read, readAll, readBytes, readRows, row, summaryOf } from "./shopify.fixture.ts";

test("a product with a default title has one variant without options", async () => {
  const [mugDraft] = draftsOf(await readRows(mug));
  expect(mugDraft).toMatchObject({
    handle: "mug",
    title: "Mug",
    options: [],
    variants: [{ sku: "MUG", title: "Default", options: {} }],
  });
  expect(mugDraft?.variants[0]).toMatchObject({
    price: { amount: 950, currency: "EUR" },
    tracked: false,
    quantity: 0,
    policy: "deny",
    taxable: true,
  });
});

test("further rows of a handle add variants and pictures", async () => {
  const entries = await readRows(
    row("shirt", "Shirt", "Size", "S", "10", { tracker: "shopify", quantity: "4", image: "https://x.example/1.jpg" }),
    row("shirt", "", "", "M", "11", { sku: "M-1", tracker: "shopify" }),
    row("shirt", "", "", "", "", { image: "https://x.example/2.jpg" }),
    mug,
  );
  expect(summaryOf(entries)).toEqual(["shirt: S, M", "mug: Default"]);
  const [shirt] = draftsOf(entries);
  expect(shirt?.options).toEqual([{ name: "Size", values: ["S", "M"] }]);
  expect(shirt?.images.map(({ url }) => url)).toEqual(["https://x.example/1.jpg", "https://x.example/2.jpg"]);
  expect(shirt?.variants.map(({ sku, tracked, quantity }) => [sku, tracked, quantity])).toEqual([
    ["SHIRT_S", true, 4],
    ["M-1", true, 0],
  ]);
});

test("the columns of an export: multi-line HTML, tags, former price, picture order, status", async () => {
  const [product] = draftsOf(
    await read(
      "\uFEFFVariant Price,Variant Compare At Price,Title,Handle,Body (HTML),Tags,Product Category,Status,Published,Image Src,Image Position,Variant Grams,Variant Image,Included / Primary",
      '5,8.00,Ring,ring,"<p>One,\r\n""two""</p><script>x</script>"," gold, ,silver,gold",Jewelry > Rings,draft,TRUE,https://x.example/b.jpg,2,113.4,https://x.example/v.jpg,true\r',
      ",,,ring,,,,,,https://x.example/a.jpg,1,,,\r",
    ),
  );
  expect(product).toMatchObject({
    description: '<p>One,\r\n"two"</p>',
    tags: ["gold", "silver"],
    category: "Rings",
    status: "draft",
    published: true,
  });
  expect(product?.variants[0]).toMatchObject({ compareAtPrice: { amount: 800 }, grams: 113, image: "https://x.example/v.jpg" });
  expect(product?.images.map(({ url }) => url)).toEqual(["https://x.example/a.jpg", "https://x.example/b.jpg"]);
});

test("the column names of the 2025 template are understood", async () => {
  const entries = await read(
    "Title,URL handle,Type,Price,SKU,Inventory tracker,Inventory quantity,Continue selling when out of stock",
    "Cap,cap,Hats,12,C-1,shopify,3,CONTINUE",
  );
  expect(draftsOf(entries)[0]).toMatchObject({
    handle: "cap",
    category: "Hats",
    variants: [{ sku: "C-1", quantity: 3, policy: "continue" }],
  });
});

test.each([
  ["an empty file", "", "empty"],
  ["missing columns", "Handle,Titel,Price2\na,b,1", "Title, Variant Price"],
  ["a column twice", "Handle,Title,Title,Variant Price", "twice"],
  ["a broken header", 'Handle,Ti"tle\nHandle,Title,Variant Price\na,A,1', "quoting"],
  ["UTF-16", Buffer.from(`${header}\n${mug}`, "utf16le"), "not UTF-8"],
  ["Latin-1 in the header", Buffer.from("Handle,Größe", "latin1"), "not UTF-8"],
])("%s is one error in line 1", async (_, file, message) => {
  const entries = await readBytes(Buffer.from(file));
  expect(entries).toEqual([expect.objectContaining({ kind: "error", line: 1, message: expect.stringContaining(message) })]);
});

test("text that is not UTF-8 ends the reading with one error", async () => {
  const entries = await readBytes(
    Buffer.concat([
      Buffer.from(`${header}\n${mug}\n`),
      Buffer.from(row("b", "Größe", "", "", "1"), "latin1"),
      Buffer.from("\n\xff"),
    ]),
  );
  expect(summaryOf(entries)).toEqual(["mug: Default", "3 "]);
});

async function* failing() {
  yield Buffer.from(`${header}\n${mug}`);
  throw new Error("connection lost");
}

test("a source that fails is not an import error", async () => {
  await expect(readAll(failing())).rejects.toThrow("connection lost");
});

test("a line without end is one error", async () => {
  const entries = await readBytes(Buffer.from(`${header}\n${"x".repeat(1_000_001)}\n${mug}`));
  expect(summaryOf(entries)).toEqual(["2 ", "mug: Default"]);
});

test("neither the pieces in which a file arrives nor its line breaks change what it says", async () => {
  const rows = [header, row("a", "벽돌", "Color", "빨강", "1"), row("a", "", "", "파랑", "bad"), 'b,"B ""b""",,,,,,1,', mug];
  const whole = await read(...rows);
  for (const lineBreak of ["\n", "\r\n", "\r"]) {
    for (const size of [1, 2, 7]) expect(await readBytes(Buffer.from(rows.join(lineBreak)), size)).toEqual(whole);
  }
});

test("no bytes and no order of rows make the reader throw or lose an error", async () => {
  const lines = fc.array(
    fc.constantFrom(mug, row("a", "A", "Size", "S", "1"), row("a", "", "", "M", "1"), '"', 'a,"', '""', ",", "\0", "\r"),
    { maxLength: 12 },
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    lines.map((list) => Buffer.from([header, ...list].join("\n"))),
    fc
      .tuple(lines, fc.uint8Array({ maxLength: 20 }))
      .map(([list, tail]) => Buffer.concat([Buffer.from([header, ...list, ""].join("\n")), tail])),
  );
  await fc.assert(
    fc.asyncProperty(bytes, fc.integer({ min: 1, max: 9 }), async (file, size) => {
      const entries = await readBytes(file, size);
      expect(errorsOf(entries).every(({ line, message }) => line >= 1 && message !== "")).toBe(true);
      expect(draftsOf(entries).every(({ variants }) => variants.length > 0)).toBe(true);
    }),
    { seed: 1, numRuns: 300 },
  );
});
