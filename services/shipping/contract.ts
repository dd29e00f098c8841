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

const OptionId = z.string().regex(/^[a-z0-9-]{1,60}$/, "has small letters, digits and dashes, at most 60");
const ZoneName = z.string().regex(/^[a-z0-9-]{1,60}$/, "has small letters, digits and dashes, at most 60");
const Amount = z.int().min(0).max(99_999_999);

/** What an option costs in a zone, in minor units, for parcels up to a weight; without one, for any. */
export const Rate = z.object({
  zone: ZoneName,
  price: Amount,
  estimate: z.string().trim().min(1).max(80),
  upToGrams: z.int().positive().max(1_000_000).nullable().default(null),
  freeFrom: Amount.nullable().default(null),
});

/** An option as the administration sees it. An archived one is not offered. */
export const AdminShippingOption = z.object({
  id: OptionId,
  name: z.string(),
  isArchived: z.boolean(),
  rates: z.array(Rate),
});
export type AdminShippingOption = z.output<typeof AdminShippingOption>;

const Name = z.string().trim().min(1).max(80);
const Rates = z.array(Rate).max(500);

export const listOptions = action("shipping.listOptions", {
  summary: "All shipping options with their rates, archived ones too.",
  input: z.object({}),
  output: z.object({ data: z.array(AdminShippingOption) }),
  access: "admin",
  http: "GET /admin/v1/shipping-options",
});

export const getOption = action("shipping.getOption", {
  summary: "One shipping option.",
  input: z.object({ id: OptionId }),
  output: AdminShippingOption,
  access: "admin",
  http: { route: "GET /admin/v1/shipping-options/:id", faults: ["not_found"] },
});

export const createOption = action("shipping.createOption", {
  summary: "Offers a new way to send parcels.",
  input: z.object({ id: OptionId, name: Name, rates: Rates }),
  output: AdminShippingOption,
  access: "admin",
  http: { route: "POST /admin/v1/shipping-options", status: 201, faults: ["conflict"] },
});

export const changeOption = action("shipping.changeOption", {
  summary: "Changes an option. `rates` replaces all of its rates.",
  input: z.object({ id: OptionId, name: Name.optional(), isArchived: z.boolean().optional(), rates: Rates.optional() }),
  output: AdminShippingOption,
  access: "admin",
  http: { route: "PATCH /admin/v1/shipping-options/:id", faults: ["not_found"] },
});

export const archiveOption = action("shipping.archiveOption", {
  summary: "Offers an option no longer. Orders that chose it keep it.",
  input: z.object({ id: OptionId }),
  output: AdminShippingOption,
  access: "admin",
  http: { route: "DELETE /admin/v1/shipping-options/:id", faults: ["not_found"] },
});

/** The countries that cost the same. A country is in one zone; one without a zone is not shipped to. */
export const Zone = z.object({ zone: ZoneName, countries: z.array(z.string().regex(/^[A-Z]{2}$/)) });

export const findZones = action("shipping.findZones", {
  summary: "The zones and their countries.",
  input: z.object({}),
  output: z.object({ data: z.array(Zone) }),
  access: "admin",
  http: "GET /admin/v1/shipping-zones",
});

export const putZone = action("shipping.putZone", {
  summary: "Says which countries are in a zone; they leave the one that they were in. Without countries the zone is gone.",
  input: Zone.extend({ countries: z.array(z.string().regex(/^[A-Z]{2}$/, "must be two capitals")).max(300) }),
  output: Zone,
  access: "admin",
  http: "PUT /admin/v1/shipping-zones/:zone",
});
