/** @alone */
import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import { type Attempt, audit, fillCarts } from "../support/audit.ts";
import { eventually } from "../support/eventually.ts";
import { type Shape, type Shop, SHAPES, startShop } from "../support/shop.ts";
import { shopper } from "../support/shopper.ts";

const BUYERS = 50;
/** Those who go to the till before the others, where the kill waits for answers. */
const EARLY = 30;

/** When everything is killed: milliseconds after all have gone to the till, or when so many have their order and the rest has just gone. */
type Moment = { readonly delay: number } | { readonly answers: number };

/** A process per service takes longer to start. */
const MOMENTS: Readonly<Record<Shape, readonly Moment[]>> = {
  "one process": [{ delay: 60 }, { delay: 250 }, { delay: 600 }, { answers: 5 }, { answers: 25 }],
  split: [{ delay: 60 }, { delay: 600 }, { answers: 5 }, { answers: 25 }],
};

/** Kills everything amid 50 checkouts, starts again and reads the books. */
async function round(shop: Shop, moment: Moment): Promise<Shop> {
  const before = shopper(shop);
  const { attempts, stock } = await fillCarts(before, BUYERS);
  const acknowledged = new Set<string>();
  const buying: Promise<void>[] = [];
  const buy = async ({ cartId, key }: Attempt): Promise<void> => {
    const answer = await before.checkout(cartId, "tok_ok", key).catch(() => undefined);
    if (answer && answer.status < 300) acknowledged.add(answer.body.id);
  };
  const send = (some: readonly Attempt[]) => void buying.push(...some.map(buy));
  if ("delay" in moment) {
    send(attempts);
    await sleep(moment.delay);
  } else {
    send(attempts.slice(0, EARLY));
    await eventually(() => expect(acknowledged.size).toBeGreaterThanOrEqual(moment.answers));
    send(attempts.slice(EARLY));
  }
  await shop.kill();
  await Promise.all(buying);
  if ("answers" in moment) {
    expect(acknowledged.size).toBeGreaterThanOrEqual(moment.answers);
    expect(acknowledged.size).toBeLessThan(BUYERS);
  }

  const reopened = await shop.again();
  // Ten seconds where nothing else runs; other tests have the other core.
  await audit(shopper(reopened), { attempts, stock, acknowledged }, 20_000);
  console.log(`killed at ${JSON.stringify(moment)}: ${acknowledged.size} of ${BUYERS} acknowledged before`);
  return reopened;
}

describe.each(SHAPES)("%s", (shape) => {
  test("kill -9 amid 50 checkouts: every order ends confirmed or cancelled, with its stock and its money, and no key gives two", async () => {
    let shop = await startShop({ shape });
    const { data } = shop;
    for (const moment of MOMENTS[shape]) shop = await round(shop, moment);
    await shop[Symbol.asyncDispose]();
    await rm(data, { recursive: true, force: true });
  }, 300_000);
});
