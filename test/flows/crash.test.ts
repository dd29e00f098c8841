import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import { eventually } from "../support/eventually.ts";
import { type Shop, SHAPES, startShop } from "../support/shop.ts";
import { type Shopper, shopper } from "../support/shopper.ts";

const BUYERS = 50;

interface Attempt {
  readonly cartId: string;
  readonly key: string;
  readonly variantId: string;
  readonly sku: string;
}

/** What the books say of one order: the order itself against the provider's own ledger. */
async function settled(ada: Shopper, orderId: string, status: string): Promise<void> {
  const entries = await ada.ledger(orderId);
  const count = (wanted: string) => entries.filter(({ type }) => type === wanted).length;
  expect(count("authorize")).toBeLessThanOrEqual(1);
  if (status === "confirmed")
    expect({ authorize: count("authorize"), capture: count("capture"), void: count("void") }).toEqual({
      authorize: 1,
      capture: 1,
      void: 0,
    });
  else
    expect({ capture: count("capture"), open: count("authorize") - Math.min(count("authorize"), count("void")) }).toEqual({
      capture: 0,
      open: 0,
    });
}

async function prepare(ada: Shopper): Promise<Attempt[]> {
  const variants = await Promise.all(["brick", "plate", "tile"].map((q) => ada.inStock(40, q)));
  return Promise.all(
    Array.from({ length: BUYERS }, async (_, index) => {
      const { id, sku } = variants[index % variants.length]!;
      const cart = await ada.fullCart(id);
      return { cartId: cart.id, key: `key-${cart.id}`, variantId: id, sku };
    }),
  );
}

const stockOf = async (ada: Shopper, attempts: readonly Attempt[]) => {
  const skus = [...new Set(attempts.map(({ sku }) => sku))];
  return Object.fromEntries(await Promise.all(skus.map(async (sku) => [sku, await ada.stock(sku)] as const)));
};

/** Kills everything `delay` milliseconds after 50 buyers have gone to the till, starts again and reads the books. */
async function round(shop: Shop, delay: number): Promise<Shop> {
  const before = shopper(shop);
  const attempts = await prepare(before);
  const stock = await stockOf(before, attempts);
  const acknowledged = new Map<string, string>();
  const buying = attempts.map(async ({ cartId, key }) => {
    const answer = await before.checkout(cartId, "tok_ok", key).catch(() => undefined);
    if (answer && answer.status < 300) acknowledged.set(answer.body.id, answer.body.token);
  });
  await sleep(delay);
  await shop.kill();
  await Promise.all(buying);

  const reopened = await shop.again();
  const readyAt = performance.now();
  const after = shopper(reopened);
  const replays = await Promise.all(attempts.map(({ cartId, key }) => after.checkout(cartId, "tok_ok", key)));
  for (const { status } of replays) expect([201, 202]).toContain(status);
  const ids = replays.map(({ body }) => body.id);
  expect(new Set(ids).size).toBe(BUYERS);
  for (const id of acknowledged.keys()) expect(ids).toContain(id);
  await eventually(
    async () => {
      const orders = await Promise.all(replays.map(async ({ body }) => (await after.order(body.id, body.token)).body));
      for (const { status } of orders) expect(["confirmed", "cancelled"]).toContain(status);
      for (const { id, status } of orders) await settled(after, id, status);
      const sold = (sku: string) => orders.filter(({ status, lines }) => status === "confirmed" && lines[0]!.sku === sku).length;
      for (const [sku, level] of Object.entries(await stockOf(after, attempts))) {
        expect(level).toEqual({
          sku,
          onHand: stock[sku]!.onHand - sold(sku),
          reserved: 0,
          available: stock[sku]!.available - sold(sku),
        });
      }
    },
    10_000 - (performance.now() - readyAt),
  );
  console.log(`killed after ${delay} ms: ${acknowledged.size} of ${BUYERS} acknowledged before`);
  return reopened;
}

describe.each(SHAPES)("%s", (shape) => {
  test("kill -9 amid 50 checkouts: every order ends confirmed or cancelled, with its stock and its money, and no key gives two", async () => {
    let shop = await startShop({ shape });
    const { data } = shop;
    for (const delay of [60, 250, 600]) shop = await round(shop, delay);
    await shop[Symbol.asyncDispose]();
    await rm(data, { recursive: true, force: true });
  }, 180_000);
});
