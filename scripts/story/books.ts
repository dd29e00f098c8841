import type { Order, People } from "./people.ts";
import type { Teller } from "./teller.ts";

/** What a SKU had when the day began, and what went and came since, as the story knows it. */
export interface Shelf {
  readonly sku: string;
  readonly before: number;
  sold: number;
  back: number;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** Closes the books: stock is conserved, the ledger balances, and what the provider has is what the orders say. */
export async function closeBooks(
  shop: People,
  tell: Teller,
  orders: readonly string[],
  shelves: readonly Shelf[],
): Promise<void> {
  for (const { sku, before, sold, back } of shelves) {
    const { onHand, reserved } = await shop.stock(sku);
    tell.check(
      `${sku}: ${before} - ${sold} sold + ${back} back = ${before - sold + back} on hand, none reserved`,
      [onHand, reserved],
      [before - sold + back, 0],
    );
  }
  const { accounts, difference } = await shop.trialBalance();
  tell.check("the trial balance of the ledger is zero", difference, 0);
  const all = await Promise.all(orders.map(async (id) => ({ order: await shop.order(id), entries: await shop.ledger(id) })));
  const booked = (type: string) =>
    sum(all.flatMap(({ entries }) => entries.filter((entry) => entry.type === type).map(({ amount }) => amount)));
  const paid = sum(all.map(({ order }) => paidFor(order)));
  const refunded = sum(all.flatMap(({ order }) => order.refunds.map(({ amount }) => amount.amount)));
  tell.check(
    `over all orders: captured ${booked("capture")} - refunded ${booked("refund")} at the provider = ${paid} paid - ${refunded} refunded here`,
    booked("capture") - booked("refund"),
    paid - refunded,
  );
  const receivable = accounts.find(({ balance }) => balance > 0)?.balance ?? 0;
  tell.check("the shop's own books say the same", receivable, paid - refunded);
  const twice = all.filter(({ entries }) => entries.filter(({ type }) => type === "authorize").length > 1);
  tell.check("no card was charged twice", twice, []);
  const reconciled = await shop.admin<{ differences: unknown[] }>("POST", "/payments/reconciliations", {});
  tell.check("the provider's books and ours do not differ", reconciled.differences, []);
}

/** What was taken for an order: all of it once its payment was captured, whatever went back since. */
const paidFor = ({ paymentStatus, totals }: Order): number =>
  ["captured", "partially_refunded", "refunded"].includes(paymentStatus) ? totals!.total.amount : 0;
