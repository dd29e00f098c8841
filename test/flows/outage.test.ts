/** @alone */
import { describe, expect, test } from "@jest/globals";
import { audit, fillCarts } from "../support/audit.ts";
import { eventually } from "../support/eventually.ts";
import { openLoad } from "../support/load.ts";
import { checkpoint, killUnder, type Prop } from "../support/outage.ts";
import { type Shape, SHAPES, type Shop, startShop } from "../support/shop.ts";
import { shopper } from "../support/shopper.ts";

/** Of each a second, whatever becomes of those before. */
const READS = 30;
const CHECKOUTS = 5;
const CARTS = 100;

/** The default of REQUEST_TIMEOUT_MS, and a second for the way there and back on a busy machine. */
const LONGEST = 11_000;
const RECOVERY = 10_000;

/** What the gateway answers from itself, and what it may answer with what was answered last. */
const OWN = ["/health/live", "/docs", "/openapi.json"];
const CATALOGUE = ["/store/v1/products?q=brick&limit=20", "/store/v1/categories", "/store/v1/products/brick-2x4"];

interface Seen {
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  /** Milliseconds of `performance.now()`, and how long it took. */
  readonly sentAt: number;
  readonly took: number;
  /** Of the order, where one was acknowledged. */
  readonly orderId?: string;
}

const isFresh = ({ status, headers }: Seen): boolean => status === 200 && !headers.has("warning");

async function look(shop: Shop, path: string): Promise<Seen> {
  const sentAt = performance.now();
  const { status, headers, text } = await fetch(`${shop.url}${path}`).then(async (response) => ({
    status: response.status,
    headers: response.headers,
    text: await response.text(),
  }));
  expect(text).not.toBe("");
  return { path, status, headers, sentAt, took: performance.now() - sentAt };
}

/** Kills what the shop stands on while people browse and buy, waits until it is well again, and reads the books. */
async function killUnderLoad(shop: Shop, prop: Prop) {
  const ada = shopper(shop);
  const { attempts, stock } = await fillCarts(ada, CARTS);
  const cart = `/store/v1/carts/${attempts.at(-1)!.cartId}`;
  await checkpoint(shop);
  const paths = [...OWN, ...CATALOGUE, cart];
  for (const path of paths) expect(isFresh(await look(shop, path))).toBe(true);
  const bought: Seen[] = [];
  let sent = 0;
  const buy = async (): Promise<Seen> => {
    const next = attempts[sent];
    if (!next) throw new Error("no cart is left");
    const { cartId, key } = next;
    sent++;
    const sentAt = performance.now();
    const { status, headers, body } = await ada.checkout(cartId, "tok_ok", key);
    const seen = { path: "checkout", status, headers, sentAt, took: performance.now() - sentAt };
    bought.push(status < 300 ? { ...seen, orderId: body.id } : seen);
    return seen;
  };
  let reads = 0;
  const reading = openLoad(READS, () => look(shop, paths[reads++ % paths.length]!));
  const buying = openLoad(CHECKOUTS, buy);
  await eventually(() => expect(bought.filter(({ status }) => status === 201).length).toBeGreaterThan(CHECKOUTS));

  await killUnder(shop, prop);
  const killedAt = performance.now();
  const recovered = await eventually(() => {
    const first = bought.find(({ sentAt, status }) => sentAt > killedAt && status === 201);
    expect(first).toBeDefined();
    return first!.sentAt + first!.took - killedAt;
  }, 2 * RECOVERY);
  // So that what is said of the time afterwards is said of more than one moment.
  await eventually(() =>
    expect(bought.slice(-2 * CHECKOUTS).map(({ status }) => status)).toEqual(Array(2 * CHECKOUTS).fill(201)),
  );
  const [read, paid] = [await reading.end(), await buying.end()];
  const acknowledged = bought.flatMap(({ orderId }) => orderId ?? []);
  await audit(ada, { attempts: attempts.slice(0, sent), stock, acknowledged }, RECOVERY);
  return {
    cart,
    recovered,
    killedAt,
    acknowledged,
    errors: [...read.errors, ...paid.errors],
    read: read.answers,
    paid: paid.answers,
  };
}

const countsOf = (all: readonly Seen[]) =>
  Object.fromEntries(Object.entries(Object.groupBy(all, ({ status }) => status)).map(([status, some]) => [status, some!.length]));

const CASES: readonly [Prop, Shape][] = [...SHAPES.map((shape) => ["PostgreSQL", shape] as [Prop, Shape]), ["Redis", "split"]];

describe.each(CASES)("kill -9 of %s under load, %s", (prop, shape) => {
  test("no request hangs, the gateway goes on with what it has, checkouts are answered or put off, all is well within 10 s and nothing is lost", async () => {
    await using shop = await startShop({ shape });
    const { cart, recovered, errors, read, paid, acknowledged } = await killUnderLoad(shop, prop);
    const of = (paths: readonly string[]) => read.filter(({ path }) => paths.includes(path));
    const older = of(CATALOGUE).filter((seen) => !isFresh(seen));
    const took = Math.max(...[...read, ...paid].map((seen) => seen.took));
    console.log(
      `${prop}, ${shape}: a checkout succeeded ${Math.round(recovered)} ms after the kill; longest request ${Math.round(took)} ms;`,
      {
        reads: countsOf(read),
        older: older.length,
        carts: countsOf(of([cart])),
        checkouts: countsOf(paid),
        acknowledged: acknowledged.length,
      },
    );

    expect(errors).toEqual([]);
    expect(took).toBeLessThan(LONGEST);
    expect(recovered).toBeLessThan(RECOVERY);
    for (const seen of [...of(OWN), ...of(CATALOGUE)]) expect([seen.path, seen.status]).toEqual([seen.path, 200]);
    // It was an outage, and the catalogue was answered all the same.
    expect(older.length).toBeGreaterThan(0);
    for (const { headers } of older) expect(Number(headers.get("age"))).toBeLessThan(60);
    for (const { status } of paid) expect([201, 202, 402, 409, 503]).toContain(status);
    for (const { status } of of([cart])) expect([200, 503]).toContain(status);
    for (const { status, headers } of [...paid, ...of([cart])])
      if (status === 503) expect(headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
  }, 180_000);
});
