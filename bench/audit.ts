import { isDeepStrictEqual } from "node:util";
import { eventually } from "../test/support/eventually.ts";
import { type Shopper, shopper, type Stock } from "../test/support/shopper.ts";
import type { Purchase } from "./visitors.ts";

/** Everything that should not be, for people. */
export const problemsOf = (books: Audit): string[] =>
  (["lost", "doubled", "wrongMoney", "wrongStock"] as const).flatMap((what) => books[what].map((one) => `${what}: ${one}`));

/** A shop, and what may be bought in it. */
export interface Shelves {
  readonly url: string;
  readonly adminKey: string;
  /** As it was before the first purchase. */
  readonly stock: readonly Stock[];
}

/** What the books say about the purchases that people were told of. */
export interface Audit {
  /** Orders that stand. */
  readonly orders: number;
  /** Those of them that were acknowledged and are charged as they should be, by id. */
  readonly sound: ReadonlySet<string>;
  /** Acknowledged purchases without an order that stands. */
  readonly lost: readonly string[];
  /** Carts with more than one order, and orders that nobody has asked for. */
  readonly doubled: readonly string[];
  /** Orders without exactly one authorization and one capture, of the order's total. */
  readonly wrongMoney: readonly string[];
  /** SKUs of which not exactly what was sold is missing. */
  readonly wrongStock: readonly string[];
  /** Checkouts without an answer that became an order nevertheless. */
  readonly unanswered: number;
}

type Order = Awaited<ReturnType<Shopper["orders"]>>[number];

/** Books may be closed when nothing is under way any more. */
const HEALED_WITHIN = 120_000;

/** Waits until the shop has finished everything, and compares its books with what the buyers know. */
export async function audit({ url, adminKey, stock }: Shelves, purchases: readonly Purchase[]): Promise<Audit> {
  const auditor = shopper({ url, adminKey });
  await eventually(() => settled(auditor), HEALED_WITHIN);
  const orders = await allOrders(auditor);
  const standing = orders.filter(({ status }) => status === "confirmed");
  const money = await inTurns(standing, (order) => moneyOf(auditor, order));
  const levels = await inTurns(stock, (before) => stockOf(auditor, before, standing));
  const known = new Set(purchases.map(({ cartId }) => cartId));
  const byCart = Map.groupBy(standing, ({ cartId }): string => cartId);
  const acknowledged = new Set(purchases.map(({ orderId }) => orderId));
  return {
    orders: standing.length,
    sound: new Set(standing.filter(({ id }, at) => acknowledged.has(id) && money[at] === undefined).map(({ id }) => id)),
    lost: purchases.flatMap(({ cartId, orderId, state }) => {
      const isThere = byCart.get(cartId)?.some(({ id }) => id === orderId);
      return state === "unknown" || isThere ? [] : [`${orderId} (${state}) of ${cartId}`];
    }),
    doubled: [...byCart].flatMap(([cartId, those]) =>
      those.length === 1 && known.has(cartId) ? [] : [`${those.map(({ id }) => id).join(", ")} of ${cartId}`],
    ),
    wrongMoney: money.flatMap((problem) => problem ?? []),
    wrongStock: levels.flatMap((problem) => problem ?? []),
    unanswered: purchases.filter(({ cartId, state }) => state === "unknown" && byCart.has(cartId)).length,
  };
}

/** Everything that a purchase sets going has come to its end. Throws what is still to be done. */
async function settled(auditor: Shopper): Promise<void> {
  const { body: feeds } = await auditor.admin<{ data: { service: string; feed: string; lag: number | null }[] }>(
    "/admin/v1/feeds",
  );
  const behind = feeds.data.find(({ lag }) => lag !== 0);
  if (behind) throw new Error(`${behind.service} has not read all of ${behind.feed}'s feed`);
  for (const status of ["running", "compensating", "stuck"]) {
    const { body: sagas } = await auditor.admin<{ data: { id: string }[] }>(`/admin/v1/sagas?status=${status}&limit=1`);
    if (sagas.data[0]) throw new Error(`saga ${sagas.data[0].id} is ${status}`);
  }
  const pending = (await auditor.orders("&status=pending"))[0];
  if (pending) throw new Error(`order ${pending.id} is pending`);
}

async function allOrders(auditor: Shopper): Promise<Order[]> {
  const found: Order[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const query: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const { body } = await auditor.admin<{ data: Order[]; meta: { nextCursor: string | null } }>(
      `/admin/v1/orders?limit=100${query}`,
    );
    found.push(...body.data);
    cursor = body.meta.nextCursor;
  }
  return found;
}

async function moneyOf(auditor: Shopper, { id, totals, paymentStatus }: Order): Promise<string | undefined> {
  const booked = (await auditor.ledger(id)).map(({ type, amount }) => ({ type, amount }));
  const due = totals?.total.amount;
  const right = [
    { type: "authorize", amount: due },
    { type: "capture", amount: due },
  ];
  if (paymentStatus === "captured" && isDeepStrictEqual(booked, right)) return undefined;
  return `${id} of ${due} is ${paymentStatus}: ${JSON.stringify(booked)}`;
}

async function stockOf(auditor: Shopper, before: Stock, orders: readonly Order[]): Promise<string | undefined> {
  const now = await auditor.stock(before.sku);
  const lines = orders.flatMap((order) => order.lines.filter(({ sku }) => sku === before.sku));
  const sold = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  if (now.onHand === before.onHand - sold && now.reserved === 0) return undefined;
  return `${before.sku}: ${before.onHand} on hand, ${sold} sold, ${now.onHand} left and ${now.reserved} reserved`;
}

/** Asks eight at a time. */
async function inTurns<T, R>(items: readonly T[], ask: (item: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  const rest = items.entries();
  const one = async (): Promise<void> => {
    for (const [at, item] of rest) answers[at] = await ask(item);
  };
  await Promise.all(Array.from({ length: 8 }, one));
  return answers;
}
