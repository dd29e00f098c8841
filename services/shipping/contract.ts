import { z } from "zod";
import { action, event } from "../../lib/contract.ts";
import { Id } from "../../lib/ids.ts";
import { Money } from "../../lib/money.ts";

const OrderId = Id("ord");

/** A way to send a parcel. `estimate` is for people: "2-4 working days". */
export const ShippingOption = z.object({ id: z.string(), name: z.string(), price: Money, estimate: z.string() });
export type ShippingOption = z.output<typeof ShippingOption>;

export const findOptions = action("shipping.findOptions", {
  summary: "The shipping options for a country, cheapest first; none where the shop does not ship to.",
  input: z.object({ country: z.string().length(2) }),
  output: z.object({ options: z.array(ShippingOption) }),
  repeat: "safe",
});

/** A parcel was planned for a confirmed order. */
export const parcelPlanned = event(
  "shipping.parcelPlanned",
  "orderId",
  z.object({ orderId: OrderId, parcelId: Id("pcl"), lines: z.array(z.object({ sku: z.string(), quantity: z.int() })) }),
);
