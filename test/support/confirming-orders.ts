import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { action, type Payload } from "../../lib/contract.ts";
import { announce } from "../../lib/feed.ts";
import { newId } from "../../lib/ids.ts";
import { money } from "../../lib/money.ts";
import { type Handler, service } from "../../lib/service.ts";
import * as orders from "../../services/orders/contract.ts";

/** Has the stand-in confirm an order. */
export const confirm = action("orders.confirm", {
  summary: "Confirms an order without a checkout.",
  input: orders.confirmed.payload,
  output: orders.confirmed.payload.pick({ orderId: true }),
});

const confirmOrder: Handler<typeof confirm> = (order, ctx) =>
  ctx.commit(async (tx) => {
    await announce(tx, orders.confirmed, order);
    return { orderId: order.orderId };
  });

/** Another implementation of `orders`, for tests of the services that follow it: it confirms whatever it is told to. */
export function confirmingOrders() {
  // It needs a database for its feed and has no tables of its own.
  const folder = mkdtempSync(join(tmpdir(), "orders-"));
  mkdirSync(join(folder, "migrations"));
  return service("orders", { confirm, confirmed: orders.confirmed }, () => ({ actions: { confirm: confirmOrder } }), { folder });
}

type Confirmed = Payload<typeof orders.confirmed>;

/** An order that was just confirmed: two mugs and a poster to Vienna, 42.00 EUR in all. */
export const aConfirmedOrder = (changes: Partial<Confirmed> = {}): Confirmed => ({
  orderId: newId("ord"),
  number: "BW-7K3M-2Q9T",
  cartId: newId("cart"),
  email: "ada@example.org",
  lines: [
    line({
      title: "Stoneware mug",
      variantTitle: "Blue / 300 ml",
      quantity: 2,
      unitPrice: money(1_200, "EUR"),
      total: money(2_400, "EUR"),
    }),
    line({ title: "Poster", variantTitle: "", quantity: 1, unitPrice: money(800, "EUR"), total: money(800, "EUR") }),
  ],
  totals: {
    items: money(3_200, "EUR"),
    discount: money(-200, "EUR"),
    shipping: money(500, "EUR"),
    tax: money(700, "EUR"),
    includedTax: money(0, "EUR"),
    total: money(4_200, "EUR"),
  },
  shippingAddress: { name: "Ada Lovelace", line1: "Ringstrasse 1", city: "Wien", postalCode: "1010", country: "AT" },
  shippingOptionId: "standard",
  coupons: [],
  customerId: null,
  confirmedAt: new Date().toISOString(),
  ...changes,
});

type Line = Confirmed["lines"][number];

const nothing = money(0, "EUR");

const line = (given: Pick<Line, "title" | "variantTitle" | "quantity" | "unitPrice" | "total">): Line => ({
  variantId: newId("var"),
  sku: given.title.toUpperCase(),
  requiresShipping: true,
  discount: nothing,
  tax: nothing,
  includedTax: nothing,
  ...given,
});
