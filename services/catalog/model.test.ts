import { expect, test } from "@jest/globals";
import { categoryPath, categoryTree, containing, fold, searchTextOf, titleKeyOf, wordsOf } from "./model.ts";

test.each([
  ["Säule GROẞ", "saule gross"],
  ["Brick 2 × 4", "brick 2x4"],
  ["2 x 4 x 3", "2x4x3"],
  ["  높은\t 벽돌 ", "높은 벽돌"],
  ["Ｆｕｌｌ", "full"],
])("%j is searched as %j", (text, folded) => {
  expect(fold(text)).toBe(folded);
});

test("what is folded stays the same when it is folded again", () => {
  for (const text of ["Brick 2 × 4 x 1", "Ångström ﬁne", "벽돌 2 x 4"]) expect(fold(fold(text))).toBe(fold(text));
});

test("a search is its words, each once, and no punctuation between them", () => {
  expect(wordsOf("red, brick red")).toEqual(["red", "brick"]);
  expect(wordsOf("")).toEqual([]);
});

test("what means something to LIKE is searched for as it is", () => {
  expect(containing("100%_\\")).toBe("%100\\%\\_\\\\%");
});

test("fields of a product can be told apart in its search text", () => {
  const text = searchTextOf({
    title: "Brick",
    tags: ["벽돌", "Stein"],
    vendor: "Acme",
    category: "Bricks > Basic",
    skus: ["B-1", "B-2"],
  });
  expect(text).toBe("brick\n벽돌\nstein\nacme\nbricks > basic\n\tb-1\tb-2\t");
});

test("a title's key is short enough for a cursor, also in Korean", () => {
  expect([...titleKeyOf("벽".repeat(255))]).toHaveLength(60);
});

test("a category is a path, and the same name in other letters is the same category", () => {
  const [bricks, basic] = categoryPath("Bricks > Basic bricks");
  expect([bricks?.handle, basic?.handle, basic?.name]).toEqual(["bricks", "bricks/basic-bricks", "Basic bricks"]);
  expect(basic?.parentId).toBe(bricks?.id);
  expect(categoryPath(" BRICKS ")[0]?.id).toBe(bricks?.id);
  expect(categoryPath("")).toEqual([]);
});

test("parents count what is in their children", () => {
  const rows = categoryPath("A > B > C").map((category, at) => ({ ...category, count: at + 1 }));
  expect(categoryTree(rows)).toMatchObject([
    { name: "A", count: 6, children: [{ name: "B", count: 5, children: [{ name: "C", count: 3 }] }] },
  ]);
});
