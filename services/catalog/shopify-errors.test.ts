import { expect, test } from "@jest/globals";

import { errorsOf, mug, read, readRows, row, summaryOf } from "./shopify.fixture.ts";

test.each([
  ["blank and comma-only lines are skipped", ["", ",,,,,,,,", mug], ["mug: Default"]],
  [
    "a bad price costs its variant only",
    [row("a", "A", "Size", "S", "abc"), row("a", "", "", "M", "1")],
    ["2 Variant Price", "a: M"],
  ],
  ["a negative price", [row("a", "A", "Size", "S", "-1"), mug], ["2 Variant Price", "mug: Default"]],
  ["a missing price", [row("a", "A", "Size", "S"), mug], ["2 Variant Price", "mug: Default"]],
  ["too many decimals", [row("a", "A", "", "", "1.999")], ["2 Variant Price"]],
  ["a bad quantity", [row("a", "A", "", "", "1", { quantity: "some" })], ["2 Variant Inventory Qty"]],
  ["a negative quantity", [row("a", "A", "", "", "1", { tracker: "shopify", quantity: "-3" })], ["2 Variant Inventory Qty"]],
  [
    "a missing title costs the product",
    [row("a", "", "Size", "S", "1"), row("a", "", "", "M", "1"), mug],
    ["2 Title", "mug: Default"],
  ],
  ["a missing handle", [row("", "A", "", "", "1"), mug], ["2 Handle", "mug: Default"]],
  ["a handle that cannot be part of a URL", [row("a/b", "A", "", "", "1")], ["2 Handle"]],
  ["the same option twice", [row("a", "A", "Size", "S", "1"), row("a", "", "", "S", "2")], ["3 Option1 Value", "a: S"]],
  ["a missing option value", [row("a", "A", "Size", "S", "1"), row("a", "", "", "", "2")], ["3 Option1 Value", "a: S"]],
  [
    "an option value without an option",
    [row("a", "A", "", "", "1"), row("a", "", "", "M", "2")],
    ["3 Option1 Value", "a: Default"],
  ],
  ["a row with nothing in it", [row("a", "A", "", "", "1"), row("a")], ["3 Image Src", "a: Default"]],
  ["a dangerous picture address", [row("a", "A", "", "", "1", { image: "javascript:alert(1)" })], ["2 Image Src", "a: Default"]],
  [
    "a given SKU twice",
    [row("a", "A", "", "", "1", { sku: "X" }), row("b", "B", "", "", "1", { sku: "X" })],
    ["a: Default", "3 Variant SKU"],
  ],
  ["a generated SKU twice", [row("a", "A", "Size", "s", "1"), row("a", "", "", "S", "1")], ["3 Variant SKU", "a: s"]],
  [
    "a finished handle again",
    [mug, row("a", "A", "", "", "1"), mug, mug],
    ["mug: Default", "a: Default", "4 Handle", "5 Handle"],
  ],
  ["a long title", [row("a", "x".repeat(256), "", "", "1")], ["2 Title"]],
  ["control characters", [row("a", "A\u0007b", "", "", "1")], ["2 Title"]],
  ["too few columns", ["a,A", mug], ["2 Option1 Name", "mug: Default"]],
  ["too many columns", [`${mug},x`, row("a", "A", "", "", "1")], ["2 ", "a: Default"]],
  ["text after a closing quote", ['"a"b,A,,,,,,1,', mug], ["2 Handle", "mug: Default"]],
  [
    "a quote in an unquoted field",
    ['a,6" pipe,,,,,,1,', mug, row("b", "B", "", "", "1")],
    ["2 Title", "mug: Default", "b: Default"],
  ],
  ["a quote that is never closed", ['a,"A,,,,,,1,', mug, row("b", "B", "", "", "1")], ["2 Title", "mug: Default", "b: Default"]],
  [
    "two quotes that are never closed",
    ['a,"A,,,,,,1,', mug, 'b,"B,,,,,,1,', row("c", "C", "", "", "1")],
    ["2 Title", "4 Title", "mug: Default", "c: Default"],
  ],
  [
    "a broken row in the middle of a product",
    [row("a", "A", "Size", "S", "1"), 'a,"', row("a", "", "", "M", "1")],
    ["3 Title", "a: S, M"],
  ],
])("%s", async (_, rows, expected) => {
  expect(summaryOf(await readRows(...rows))).toEqual(expected);
});

test("a broken text of several lines is one error that names its lines", async () => {
  const entries = await readRows('a,"<ul>', "<li>one</li>", '</ul>" x,,,,,,1,', mug);
  expect(summaryOf(entries)).toEqual(["2 Title", "mug: Default"]);
  expect(errorsOf(entries)[0]?.message).toContain("lines 2 to 4 were skipped");
});

test("an error tells the physical line, the handle, the reason and the variants that are lost", async () => {
  const entries = await readRows(
    'a,"A\nB",,,,,,1,',
    row("b", "", "Size", "S", "1"),
    row("b", "", "", "M", "1"),
    row("c", "C", "", "", "1,5"),
  );
  expect(errorsOf(entries).toSorted((a, b) => a.line - b.line)).toEqual([
    { kind: "error", line: 2, column: "Title", message: "Title holds control characters", handle: "a", variantsLost: 1 },
    { kind: "error", line: 4, column: "Title", message: "Title is missing", handle: "b", variantsLost: 2 },
    { kind: "error", line: 6, column: "", message: "this row has 10 columns, the header has 9", variantsLost: 1 },
  ]);
});

test("several mistakes in a row are one error", async () => {
  const [error] = errorsOf(await readRows(row("a", "A", "", "", "x", { quantity: "y" })));
  expect(error?.message).toBe(
    'Variant Price "x" is not an amount of EUR; Variant Inventory Qty "y" is not a whole number from 0 to 999999999',
  );
});

test("a fourth option is refused", async () => {
  const entries = await read("Handle,Title,Variant Price,Option1 Name,Option2 Name,Option3 Name,Option4 Name", "a,A,1,w,x,y,z");
  expect(summaryOf(entries)).toEqual(["2 Option4 Name"]);
});
