import type { Output } from "../../lib/contract.ts";
import { errorFields } from "../../lib/log.ts";
import type { Ctx, Handler, Job } from "../../lib/service.ts";
import type * as payments from "./contract.ts";
import { bookedOf } from "./ledger-store.ts";
import { isSameStand, ownStand, pauseBefore, standOf } from "./model.ts";
import { isOpen, takeDueMovements, takeDuePayments } from "./movement-store.ts";
import { settleOrder } from "./settle.ts";
import * as store from "./store.ts";
import { ask, type Till } from "./till.ts";

const BATCH = 20;
const PAUSES = Array.from({ length: 20 }, (_, index) => pauseBefore(index + 1));

/** Asks the provider, sooner at first and then more rarely, what became of that for which it owes an answer. */
export const settleJob = (till: Till): Job => ({
  name: "settle payments",
  every: 1_000,
  async work(stopping) {
    while (!stopping.aborted) {
      const due = { limit: BATCH, pauses: PAUSES };
      const orders = new Set([...(await takeDuePayments(till.db.sql, due)), ...(await takeDueMovements(till.db.sql, due))]);
      await Promise.all([...orders].map((orderId) => settleDue(till, orderId)));
      if (orders.size < BATCH) return;
    }
  },
});

/** One order that cannot be settled keeps no other from it. */
async function settleDue(till: Till, orderId: string): Promise<void> {
  try {
    await settleOrder(till, orderId);
  } catch (error) {
    till.log.warn("A payment could not be settled; it is tried again", { orderId, ...errorFields(error) });
  }
}

type Report = Output<typeof payments.reconcile>;
type Difference = Report["differences"][number];

const DAY = 24 * 3_600_000;
const AT_ONCE = 8;

export const reconcile =
  (till: Till): Handler<typeof payments.reconcile> =>
  async ({ since = new Date(Date.now() - DAY).toISOString(), limit }, ctx) => {
    const changed = await store.findChanged(till.db.sql, since, limit + 1);
    return reconcileAll(till, { changed, limit }, ctx);
  };

interface Work {
  readonly changed: readonly store.Overview[];
  readonly limit: number;
}

async function reconcileAll(till: Till, { changed, limit }: Work, { remaining }: Pick<Ctx, "remaining">): Promise<Report> {
  const differences: Difference[] = [];
  let [checked, settled] = [0, 0];
  // The answer has to be there before its caller gives up: two questions for each order, and a second for the way.
  const hasTime = () => checked === 0 || remaining() > 2 * till.patience + 1_000;
  while (checked < Math.min(limit, changed.length) && hasTime()) {
    const some = changed.slice(checked, Math.min(limit, checked + AT_ONCE));
    const found = await Promise.all(some.map((payment) => compare(till, payment.orderId)));
    checked += some.length;
    settled += found.filter(({ isSettled }) => isSettled).length;
    differences.push(...found.flatMap(({ difference }) => (difference ? [difference] : [])));
  }
  return { checked, settled, differences, nextSince: changed[checked]?.updatedAt ?? null };
}

interface Compared {
  readonly isSettled: boolean;
  readonly difference?: Difference;
}

async function compare(till: Till, orderId: string): Promise<Compared> {
  const isSettled = (await isOpen(till.db.sql, orderId)) && (await settleOrder(till, orderId));
  const account = await store.findOverview(till.db.sql, orderId);
  // What costs nothing was never asked of a provider.
  if (!account || (account.hasAmount && account.amount === 0)) return { isSettled };
  const booking = await ask(till, (signal) => till.provider.find(orderId, signal));
  // Read after the provider's, so that what moved meanwhile is not taken for a difference of theirs.
  const ours = await standHere(till, orderId);
  const isSilent = booking.outcome === "unknown" || booking.outcome === "failed";
  const provider = isSilent ? null : standOf(booking);
  if (provider && isSameStand(ours, provider)) return { isSettled };
  return { isSettled, difference: { orderId: orderId as Difference["orderId"], ours, provider } };
}

async function standHere(till: Till, orderId: string): Promise<payments.Stand> {
  const [account, books] = [await store.findAccount(till.db.sql, orderId), await bookedOf(till.db.sql, orderId)];
  return account ? ownStand(account, books) : { held: 0, ...books };
}
