import type { Payload } from "../../lib/contract.ts";
import { newId } from "../../lib/ids.ts";
import { money } from "../../lib/money.ts";
import type * as orders from "../orders/contract.ts";

type Confirmed = Payload<typeof orders.confirmed>;

const price = money(1000, "EUR");
const nothing = money(0, "EUR");

/** Two of a SKU, as a confirmed order says it. */
export const confirmedLine = (sku: string, requiresShipping = true, quantity = 2): Confirmed["lines"][number] => ({
  variantId: newId("var"),
  sku,
  title: "Brick",
  variantTitle: "Red",
  quantity,
  unitPrice: price,
  total: money(1000 * quantity, "EUR"),
  discount: nothing,
  tax: nothing,
  includedTax: nothing,
  requiresShipping,
});

/** An order that was just confirmed. */
export const confirmedOrder = (lines: Confirmed["lines"]): Confirmed => ({
  orderId: newId("ord"),
  number: "B-1",
  cartId: newId("cart"),
  email: "ada@example.com",
  lines,
  totals: { items: price, discount: nothing, shipping: price, tax: price, includedTax: nothing, total: price },
  coupons: [],
  customerId: null,
  shippingAddress: { name: "Ada", line1: "Street 1", city: "Berlin", postalCode: "10115", country: "DE" },
  shippingOptionId: "standard",
  confirmedAt: new Date().toISOString(),
});
