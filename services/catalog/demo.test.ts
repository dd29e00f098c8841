import { expect, test } from "@jest/globals";

import { demoCatalogue } from "./demo.ts";
import { sanitiseHtml } from "./html.ts";
import { parsePicturePath } from "./picture.ts";

const products = [...demoCatalogue("EUR")];
const variants = products.flatMap((product) => product.variants);

test("the demo is a whole shop: at least 300 products and 2 000 SKUs, every one of them once", () => {
  expect(products.length).toBeGreaterThanOrEqual(300);
  expect(variants.length).toBeGreaterThanOrEqual(2_000);
  expect(new Set(products.map(({ handle }) => handle)).size).toBe(products.length);
  expect(new Set(variants.map(({ sku }) => sku)).size).toBe(variants.length);
});

test("it is the same at every call", () => {
  expect(JSON.stringify([...demoCatalogue("EUR")])).toBe(JSON.stringify(products));
});

test("a well-known part is what one expects", () => {
  const brick = products.find(({ handle }) => handle === "brick-2x4");
  expect(brick).toMatchObject({ title: "Brick 2 x 4", category: "Bricks > Basic bricks", published: true });
  expect(brick?.tags).toEqual(expect.arrayContaining(["벽돌", "Stein"]));
  expect(brick?.options.map(({ name }) => name)).toEqual(["Color", "Pack"]);
  expect(variants.find(({ sku }) => sku === "BRK-2X4-RED")).toMatchObject({
    price: { amount: 38, currency: "EUR" },
    image: "/media/parts/brick_2x4_red.svg",
  });
});

test("every variant has one known value for each option, a price and a picture that can be drawn", () => {
  const isSound = ({ options, variants: own }: (typeof products)[number]) =>
    new Set(own.map((variant) => JSON.stringify(variant.options))).size === own.length &&
    own.every(
      (variant) =>
        Object.keys(variant.options).join() === options.map(({ name }) => name).join() &&
        options.every(({ name, values }) => values.includes(variant.options[name] ?? "")) &&
        Number.isSafeInteger(variant.price.amount) &&
        variant.price.amount > 0 &&
        variant.grams > 0 &&
        parsePicturePath(variant.image) !== undefined,
    );
  expect(products.filter((product) => !isSound(product) || product.images.length === 0).map(({ handle }) => handle)).toEqual([]);
});

test("descriptions are safe as they are", () => {
  expect(products.filter(({ description }) => sanitiseHtml(description) !== description)).toEqual([]);
});

test("most are in stock by the hundred, some are short, a few sold out, untracked or sold on order", () => {
  const shareOf = (picked: typeof variants) => picked.length / variants.length;
  expect(shareOf(variants.filter(({ quantity }) => quantity >= 200))).toBeGreaterThan(0.8);
  expect(shareOf(variants.filter(({ quantity }) => quantity >= 1 && quantity <= 5))).toBeGreaterThan(0.03);
  expect(shareOf(variants.filter(({ tracked, quantity }) => tracked && quantity === 0))).toBeGreaterThan(0.01);
  expect(shareOf(variants.filter(({ tracked }) => !tracked))).toBeGreaterThan(0.005);
  expect(variants.filter(({ policy }) => policy === "continue").map(({ sku }) => sku)).toEqual(["BSP-48X48-GREEN", "SET-5000"]);
});

const priceOf = (sku: string) => variants.find((variant) => variant.sku === sku)?.price.amount ?? NaN;

test("a pack costs less than its pieces one by one", () => {
  expect(priceOf("BRK-2X4-RED-100")).toBeLessThan(100 * priceOf("BRK-2X4-RED"));
  expect(priceOf("BRK-2X4-RED-50")).toBeLessThan(priceOf("BRK-2X4-RED-100"));
});

test("a currency without decimals gets whole amounts of its own size", () => {
  const { value: first } = demoCatalogue("KRW").next();
  expect(first?.variants[0]?.price).toEqual({ amount: 150, currency: "KRW" });
});
