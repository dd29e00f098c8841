import { expect } from "@jest/globals";
import { eventually } from "./eventually.ts";
import type { Shopper } from "./shopper.ts";

/** A cart on its way to the till, and the key under which it goes there however often. */
export interface Attempt {
  readonly cartId: string;
  readonly key: string;
  readonly sku: string;
}

type Levels = Awaited<ReturnType<typeof stockOf>>;

const stockOf = async (ada: Shopper, attempts: readonly Attempt[]) => {
  const skus = [...new Set(attempts.map(({ sku }) => sku))];
  return Object.fromEntries(await Promise.all(skus.map(async (sku) => [sku, await ada.stock(sku)] as const)));
};

/** Carts that are ready for the till, and the stock before anything of it is bought. */
export async function fillCarts(ada: Shopper, many: number): Promise<{ attempts: readonly Attempt[]; stock: Levels }> {
  const variants = await Promise.all(["brick", "plate", "tile"].map((q) => ada.inStock(40, q)));
  const fill = async (_: unknown, index: number): Promise<Attempt> => {
    const { id, sku } = variants[index % variants.length]!;
    const cart = await ada.fullCart(id);
    return { cartId: cart.id, key: `key-${cart.id}`, sku };
  };
  const attempts = await Promise.all(Array.from({ length: many }, fill));
  return { attempts, stock: await stockOf(ada, attempts) };
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

interface Books {
  readonly attempts: readonly Attempt[];
  readonly stock: Levels;
  /** Ids of the orders that the shop has acknowledged. */
  readonly acknowledged: Iterable<string>;
}

/**
 * Sends every attempt again under its key and reads the books: each gives one order, the acknowledged ones are among them, and
 * within `patience` milliseconds all are confirmed or cancelled, with the money at the provider and the stock to match.
 */
export async function audit(ada: Shopper, { attempts, stock, acknowledged }: Books, patience: number): Promise<void> {
  const deadline = performance.now() + patience;
  const replays = await Promise.all(attempts.map(({ cartId, key }) => ada.checkout(cartId, "tok_ok", key)));
  for (const { status } of replays) expect([201, 202]).toContain(status);
  const ids = replays.map(({ body }) => body.id);
  expect(new Set(ids).size).toBe(attempts.length);
  expect(ids).toEqual(expect.arrayContaining([...acknowledged]));
  await eventually(async () => {
    const orders = await Promise.all(replays.map(async ({ body }) => (await ada.order(body.id, body.token)).body));
    for (const { status } of orders) expect(["confirmed", "cancelled"]).toContain(status);
    for (const { id, status } of orders) await settled(ada, id, status);
    const sold = (sku: string) => orders.filter(({ status, lines }) => status === "confirmed" && lines[0]!.sku === sku).length;
    for (const [sku, level] of Object.entries(await stockOf(ada, attempts))) {
      expect(level).toEqual({
        sku,
        onHand: stock[sku]!.onHand - sold(sku),
        reserved: 0,
        available: stock[sku]!.available - sold(sku),
      });
    }
  }, deadline - performance.now());
}
