import { z } from "zod";
import { action } from "../../lib/contract.ts";
import { Money } from "../../lib/money.ts";
import { Sku, VariantId } from "../catalog/contract.ts";

/** A day in UTC: 2026-11-22. */
const Day = z.iso.date();

/** From the one day to the other, both included; the last thirty days if nothing is said. At most two years. */
const period = { from: Day.optional(), until: Day.optional() };

const Rate = z.number().min(0).max(1);

/**
 * `orders` and `revenue` are those of the day on which they were confirmed, without orders that were cancelled since; `refunded` is
 * what went back on that day, whatever it was for. `net` is `revenue` minus `refunded`, `averageOrder` is `revenue` by `orders`.
 */
const Sales = z.object({
  orders: z.int(),
  cancelled: z.int(),
  revenue: Money,
  refunded: Money,
  net: Money,
  averageOrder: Money.nullable(),
});

export const findSales = action("insights.findSales", {
  summary: "Orders and revenue, day by day and in all.",
  input: z.object(period),
  output: z.object({ data: z.array(Sales.extend({ day: Day })), total: Sales }),
  access: "admin",
  http: "GET /admin/v1/insights/sales",
});

export const findBestSellers = action("insights.findBestSellers", {
  summary: "What was sold most in a time, by units that were not cancelled or refunded.",
  input: z.object({ ...period, limit: z.int().min(1).max(100).default(20) }),
  output: z.object({
    data: z.array(
      z.object({ variantId: VariantId, sku: Sku, title: z.string(), variantTitle: z.string(), units: z.int(), revenue: Money }),
    ),
  }),
  access: "admin",
  http: "GET /admin/v1/insights/best-sellers",
});

const Conversion = z.object({ started: z.int(), completed: z.int(), rate: Rate.nullable() });

export const findConversion = action("insights.findConversion", {
  summary: "How many of the carts that were filled on a day have become orders since.",
  input: z.object(period),
  output: z.object({ data: z.array(Conversion.extend({ day: Day })), total: Conversion }),
  access: "admin",
  http: "GET /admin/v1/insights/conversion",
});

export const findLowStock = action("insights.findLowStock", {
  summary:
    "What is about to run out: SKUs at or below their threshold when that was told, with what was sold of them in the last week.",
  input: z.object({}),
  output: z.object({
    data: z.array(
      z.object({
        sku: Sku,
        variantId: VariantId,
        available: z.int(),
        threshold: z.int(),
        since: z.iso.datetime(),
        soldInAWeek: z.int(),
      }),
    ),
  }),
  access: "admin",
  http: "GET /admin/v1/insights/low-stock",
});
