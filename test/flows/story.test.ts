import { expect, test } from "@jest/globals";
import { liveADay } from "../../scripts/story/day.ts";
import { teller } from "../../scripts/story/teller.ts";
import { SHAPES, startShop } from "../support/shop.ts";

test.each(SHAPES)(
  "a shop's day, %s: what happens happens right, and the books balance in the evening",
  async (shape) => {
    const told: string[] = [];
    await using shop = await startShop({ shape, environment: { RESERVATION_MS: "2000" } });
    await liveADay(
      shop,
      teller((line) => told.push(line)),
    );
    expect(told.filter((line) => line.includes("✓")).length).toBeGreaterThan(25);
  },
  240_000,
);
