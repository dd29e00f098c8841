import { z } from "zod";
import { action, event, page, paging } from "../../lib/contract.ts";
import { Id } from "../../lib/ids.ts";
import { Sku, VariantId } from "../catalog/contract.ts";

const OrderId = Id("ord");

/** Units of one variant that an order wants. */
const Line = z.object({ variantId: VariantId, sku: Sku, quantity: z.int().positive().max(10_000) });

/** What stands on the shelf. `available` = `onHand` - `reserved`. An untracked SKU has no row. */
export const StockLevel = z.object({ sku: Sku, onHand: z.int(), reserved: z.int(), available: z.int() });

/** A line that cannot be served in full, with what could be. */
export const Shortfall = z.object({ variantId: VariantId, sku: Sku, requested: z.int(), available: z.int() });
export type Shortfall = z.output<typeof Shortfall>;

export const findAvailability = action("inventory.findAvailability", {
  summary: "How much of each SKU can be sold now; null where stock is not tracked or may be sold on back order.",
  input: z.object({ skus: z.array(Sku).max(500) }),
  output: z.object({ available: z.record(z.string(), z.int().nullable()) }),
  repeat: "safe",
  timeout: 1_500,
});

export const reserve = action("inventory.reserve", {
  summary: "Holds stock for an order: all lines or none. The same order again gives the same answer.",
  input: z.object({ orderId: OrderId, lines: z.array(Line).min(1).max(200) }),
  output: z.discriminatedUnion("outcome", [
    z.object({ outcome: z.literal("reserved"), expiresAt: z.iso.datetime() }),
    z.object({ outcome: z.literal("short"), missing: z.array(Shortfall) }),
    /** The order was released before this arrived. */
    z.object({ outcome: z.literal("released") }),
  ]),
  repeat: "keyed",
});

export const allocate = action("inventory.allocate", {
  summary:
    "Makes an order's reservation final: the units leave the shelf. An expired reservation is taken again if there is stock.",
  input: z.object({ orderId: OrderId }),
  output: z.discriminatedUnion("outcome", [
    z.object({ outcome: z.literal("allocated") }),
    z.object({ outcome: z.literal("short"), missing: z.array(Shortfall) }),
    z.object({ outcome: z.literal("released") }),
  ]),
  repeat: "keyed",
});

export const release = action("inventory.release", {
  summary: "Puts back whatever an order holds, reserved or allocated. A reservation that arrives later is refused.",
  input: z.object({ orderId: OrderId }),
  output: z.object({}),
  repeat: "keyed",
});

export const restock = action("inventory.restock", {
  summary: "Puts goods back on the shelf that a buyer has sent back. The same return again changes nothing.",
  input: z.object({
    returnId: Id("rtn"),
    orderId: OrderId,
    lines: z
      .array(z.object({ sku: Sku, quantity: z.int().positive().max(10_000) }))
      .min(1)
      .max(200),
  }),
  output: z.object({}),
  repeat: "keyed",
});

export const findStock = action("inventory.findStock", {
  summary: "Lists stock levels; `sku` finds exactly one.",
  input: z.object({ sku: Sku.optional(), ...paging }),
  output: page(StockLevel),
  access: "admin",
  http: "GET /admin/v1/inventory",
});

export const adjust = action("inventory.adjust", {
  summary: "Changes the units on hand by `delta`, with a reason that is kept.",
  input: z.object({
    sku: Sku,
    delta: z
      .int()
      .min(-1_000_000)
      .max(1_000_000)
      .refine((delta) => delta !== 0, "must not be 0"),
    reason: z.string().trim().min(1).max(200),
  }),
  output: StockLevel,
  access: "admin",
  http: { route: "POST /admin/v1/inventory/:sku/adjustments", faults: ["not_found", "insufficient_stock"] },
});

/** A change of what is on hand: by hand, by an import, or by goods that came back. */
export const Adjustment = z.object({
  id: z.string(),
  sku: Sku,
  delta: z.int(),
  reason: z.string(),
  by: z.string(),
  at: z.iso.datetime(),
});

export const findAdjustments = action("inventory.findAdjustments", {
  summary: "What has changed the units on hand of a SKU besides orders, newest first.",
  input: z.object({ sku: Sku, ...paging }),
  output: page(Adjustment),
  access: "admin",
  http: "GET /admin/v1/inventory/:sku/adjustments",
});

export const setThreshold = action("inventory.setThreshold", {
  summary: "Says at how many units that can be sold it is time to order more; null goes back to the shop's own number.",
  input: z.object({ sku: Sku, lowStockAt: z.int().min(0).max(1_000_000).nullable() }),
  output: z.object({ sku: Sku, lowStockAt: z.int() }),
  access: "admin",
  http: { route: "PUT /admin/v1/inventory/:sku/threshold", faults: ["not_found"] },
});

/**
 * A SKU became sellable or sold out. Not announced for every unit, only when the answer to "is there any?" changes, and not
 * for a new SKU: what there is of it at first is in `catalog.productChanged`.
 */
export const availabilityChanged = event(
  "inventory.availabilityChanged",
  "sku",
  z.object({ sku: Sku, isAvailable: z.boolean() }),
);

/** What can be sold of a SKU has come down to its threshold: it is time to order more. Announced once for each time that it does. */
export const ranLow = event(
  "inventory.ranLow",
  "sku",
  z.object({ sku: Sku, variantId: VariantId, available: z.int(), threshold: z.int() }),
);

/** A SKU that had run low has more than its threshold again, or is no longer counted. */
export const filledUp = event("inventory.filledUp", "sku", z.object({ sku: Sku, available: z.int() }));
