import { expect, test } from "@jest/globals";
import { type Listed, mergePage, readCursor } from "./model.ts";

const at = (service: string, second: number): Listed => ({
  id: `${service}${second}`,
  service,
  at: `2026-01-01T00:00:${String(second).padStart(2, "0")}.000Z`,
});
const ids = (listed: readonly Listed[]) => listed.map(({ id }) => id);

test("a page is the newest of all, and the next one starts behind what was shown", () => {
  const { data, nextCursor } = mergePage(
    [
      [at("a", 9), at("a", 3)],
      [at("b", 8), at("b", 7)],
    ],
    {},
    2,
  );
  expect(ids(data)).toEqual(["a9", "b8"]);
  expect(readCursor(nextCursor!)).toEqual({ a: "a9", b: "b8" });
});

test("a service that gave nothing to this page goes on where it was", () => {
  const { nextCursor } = mergePage([[at("a", 9), at("a", 8)], [at("b", 1)]], { b: "b2" }, 2);
  expect(readCursor(nextCursor!)).toEqual({ a: "a8", b: "b2" });
});

test("the last page has no next one", () => {
  expect(mergePage([[at("a", 9)], []], {}, 2)).toEqual({ data: [at("a", 9)], nextCursor: null });
});

test.each([["nonsense"], ["W10"], ["eyJhIjoxfQ"], ["bnVsbA"]])("%s is not a cursor", (cursor) => {
  expect(readCursor(cursor)).toBeUndefined();
});
