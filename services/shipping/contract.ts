import { z } from "zod";
import { action, event } from "../../lib/contract.ts";
import { Id } from "../../lib/ids.ts";
import { Money } from "../../lib/money.ts";

const OrderId = Id("ord");

/**
 * A way to send a parcel. `estimate` is for people: "2-4 working days". `freeFrom` is the total of items from which it costs
 * nothing; `price` says so already.
 */
export const ShippingOption = z.object({
  id: z.string(),
  name: z.string(),
  price: Money,
  estimate: z.string(),
  freeFrom: Money.nullable(),
});
export type ShippingOption = z.output<typeof ShippingOption>;

export const findOptions = action("shipping.findOptions", {
  summary:
    "The shipping options for a country, a weight and a total of items, cheapest first; none where the shop does not ship to.",
  input: z.object({
    country: z.string().length(2),
    grams: z.int().min(0).default(0),
    /** What the items cost after discounts. */
    total: Money.optional(),
  }),
  output: z.object({ options: z.array(ShippingOption) }),
  repeat: "safe",
});

/** A parcel was planned for a confirmed order. */
export const parcelPlanned = event(
  "shipping.parcelPlanned",
  "orderId",
  z.object({ orderId: OrderId, parcelId: Id("pcl"), lines: z.array(z.object({ sku: z.string(), quantity: z.int() })) }),
);

export const ShipmentId = Id("shp");
const ShippedLine = z.object({ sku: z.string(), quantity: z.int().positive() });

export const createShipment = action("shipping.createShipment", {
  summary: "Sends a part of an order's parcel, or all that is left of it. The same shipment again gives the same answer.",
  input: z.object({
    shipmentId: ShipmentId,
    orderId: OrderId,
    lines: z.array(ShippedLine).min(1).max(200),
    carrier: z.string().max(80).optional(),
    trackingNumber: z.string().max(120).optional(),
  }),
  output: z.discriminatedUnion("outcome", [
    z.object({ outcome: z.literal("shipped"), at: z.iso.datetime() }),
    /** The order's confirmation has not been read yet. Ask again. */
    z.object({ outcome: z.literal("unplanned") }),
    /** More than the parcel still holds, or the parcel was withdrawn. */
    z.object({ outcome: z.literal("refused"), reason: z.string() }),
  ]),
  repeat: "keyed",
});

export const withdrawParcel = action("shipping.withdrawParcel", {
  summary: "Takes the parcel of a cancelled order back, unless something of it was sent. A plan that arrives later is refused.",
  input: z.object({ orderId: OrderId }),
  output: z.discriminatedUnion("outcome", [
    z.object({ outcome: z.literal("withdrawn") }),
    z.object({ outcome: z.literal("shipped") }),
  ]),
  repeat: "keyed",
});

export const confirmDelivery = action("shipping.confirmDelivery", {
  summary: "Notes that a shipment has arrived.",
  input: z.object({ orderId: OrderId, shipmentId: ShipmentId }),
  output: z.discriminatedUnion("outcome", [
    z.object({ outcome: z.literal("delivered"), at: z.iso.datetime() }),
    z.object({ outcome: z.literal("unknown") }),
  ]),
  repeat: "keyed",
});
