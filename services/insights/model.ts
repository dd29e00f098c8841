import { money, type Money } from "../../lib/money.ts";

/** Days in UTC, both included. */
export interface Period {
  readonly from: string;
  readonly until: string;
}

const DAY = 86_400_000;
const USUAL = 30;
const MOST = 731;

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** The days that are asked for: thirty until the last one if the first is not said. A text says what is wrong with them. */
export function periodOf({ from, until }: Partial<Record<keyof Period, string | undefined>>, now: number): Period | string {
  const last = until ?? dayOf(now);
  const first = from ?? dayOf(Date.parse(last) - (USUAL - 1) * DAY);
  const days = (Date.parse(last) - Date.parse(first)) / DAY + 1;
  if (days < 1) return "ends before it begins";
  return days > MOST ? `is longer than ${MOST} days` : { from: first, until: last };
}

interface Counts {
  readonly orders: number;
  readonly cancelled: number;
  readonly revenue: number;
  readonly refunded: number;
}

interface Sales {
  readonly orders: number;
  readonly cancelled: number;
  readonly revenue: Money;
  readonly refunded: Money;
  readonly net: Money;
  readonly averageOrder: Money | null;
}

/** Counts as they are told. The average is rounded half up to whole minor units. */
export function salesOf({ orders, cancelled, revenue, refunded }: Counts, currency: string): Sales {
  return {
    orders,
    cancelled,
    revenue: money(revenue, currency),
    refunded: money(refunded, currency),
    net: money(revenue - refunded, currency),
    averageOrder: orders === 0 ? null : money(Math.round(revenue / orders), currency),
  };
}

/** Days in all. */
export const addUp = (days: readonly Counts[]): Counts =>
  days.reduce<Counts>(
    (sum, day) => ({
      orders: sum.orders + day.orders,
      cancelled: sum.cancelled + day.cancelled,
      revenue: sum.revenue + day.revenue,
      refunded: sum.refunded + day.refunded,
    }),
    { orders: 0, cancelled: 0, revenue: 0, refunded: 0 },
  );

interface Carts {
  readonly started: number;
  readonly completed: number;
}

/** Null where no cart was started, since nothing can be said then. */
export const conversionOf = ({ started, completed }: Carts): Carts & { rate: number | null } => ({
  started,
  completed,
  rate: started === 0 ? null : completed / started,
});
