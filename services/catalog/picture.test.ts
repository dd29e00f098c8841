import { expect, test } from "@jest/globals";
import * as fc from "fast-check";

import { families } from "./demo-families.ts";
import { parsePicturePath, partPicture, picturePath } from "./picture.ts";

const pictureOf = (name: string) => {
  const spec = parsePicturePath(name);
  if (!spec) throw new Error(`no part is called ${name}`);
  return partPicture(spec);
};
const count = (text: string, part: string) => text.split(part).length - 1;

test("an address is read back as the part it was made for", () => {
  const spec = parsePicturePath("/media/parts/brick_2x4_dark-gray.svg");
  expect(spec).toMatchObject({ family: { slug: "brick" }, size: "2x4", color: { name: "Dark Gray" } });
  expect(spec && picturePath(spec)).toBe("/media/parts/brick_2x4_dark-gray.svg");
  expect(parsePicturePath("brick_2x4_dark-gray.svg")).toEqual(spec);
});

test.each([
  "/media/parts/brick_2x4_gold.svg",
  "/media/parts/brick_2x99_red.svg",
  "/media/parts/nothing_1x1_red.svg",
  "/media/parts/door_1x3x4_lime.svg",
  "/media/parts/brick_2x4_red.png",
  "/other/brick_2x4_red.svg",
  "/media/parts/../brick_2x4_red.svg",
  "",
  "__proto___1x1_red.svg",
])("%j is no picture of ours", (path) => {
  expect(parsePicturePath(path)).toBeUndefined();
});

test("no other text is taken for an address", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => {
      expect(parsePicturePath(text)).toBeUndefined();
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("every part of every family is drawn: well-formed, small, and with numbers only", () => {
  for (const family of families) {
    for (const size of family.sizes) {
      const picture = pictureOf(`${family.slug}_${size}_${family.colors.split(" ")[0]}.svg`);
      expect(picture).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 400 400">.*<\/svg>$/);
      expect(picture).not.toMatch(/NaN|Infinity|undefined|null|script|&/);
      expect(count(picture, "<g")).toBe(count(picture, "</g>"));
      expect(picture.length).toBeLessThan(10_000);
    }
  }
});

test("every id in a picture is used once and every reference has one", () => {
  for (const name of [
    "brick_2x4_red.svg",
    "set_5000_mixed.svg",
    "gear_40_tan.svg",
    "round-plate_8x8_red.svg",
    "figure_cook_red.svg",
  ]) {
    const picture = pictureOf(name);
    const ids = [...picture.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const used = [...picture.matchAll(/(?:href="|url\()#([^")]+)/g)].map(([, id]) => id);
    expect(used.filter((id) => !ids.includes(id))).toEqual([]);
  }
});

test("colour and shape are seen: the same part is the same picture, another colour another one, a tile has no studs", () => {
  expect(pictureOf("brick_2x4_red.svg")).toBe(pictureOf("brick_2x4_red.svg"));
  expect(pictureOf("brick_2x4_red.svg")).not.toBe(pictureOf("brick_2x4_blue.svg"));
  expect(pictureOf("brick_2x4_red.svg")).toContain("<ellipse");
  expect(pictureOf("tile_2x4_red.svg")).not.toContain("<ellipse");
});
