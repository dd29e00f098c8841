import { expect, test } from "@jest/globals";
import { Id, idFor, newId } from "./ids.ts";

test("a new id fits its shape, and no other prefix's", () => {
  const id = newId("ord");
  expect(Id("ord").safeParse(id).success).toBe(true);
  expect(Id("cart").safeParse(id).success).toBe(false);
});

test("ids sort by the time of their making", async () => {
  const first = newId("ord");
  await new Promise((resolve) => setTimeout(resolve, 2));
  expect(first < newId("ord")).toBe(true);
});

test("an id has 128 random bits: no two of many are alike, and every letter of the random part varies", () => {
  const ids = Array.from({ length: 5_000 }, () => newId("x"));
  expect(new Set(ids).size).toBe(ids.length);
  for (let place = ids[0]!.length - 25; place < ids[0]!.length; place++) {
    expect(new Set(ids.map((id) => id[place])).size).toBeGreaterThan(16);
  }
});

test("the id for a name is always the same one", () => {
  expect(idFor("var", "BRK-2X4-RED")).toBe(idFor("var", "BRK-2X4-RED"));
  expect(idFor("var", "BRK-2X4-RED")).not.toBe(idFor("var", "BRK-2X4-BLUE"));
  expect(Id("var").safeParse(idFor("var", "벽돌")).success).toBe(true);
});
