import { z } from "zod";
import { action, event, page, paging } from "../../lib/contract.ts";
import { Id } from "../../lib/ids.ts";
import { Money } from "../../lib/money.ts";
import { Address, CartId, Email } from "../carts/contract.ts";
import { Sku, VariantId } from "../catalog/contract.ts";
import { Method } from "../payments/contract.ts";
import { Totals } from "../pricing/contract.ts";

export const OrderId = Id("ord");
export type OrderId = z.output<typeof OrderId>;

export const OrderStatus = z.enum(["pending", "confirmed", "shipped", "delivered", "cancelled"]);
export type OrderStatus = z.output<typeof OrderStatus>;
export const OrderPaymentStatus = z.enum([
  "pending",
  "authorized",
  "captured",
  "partially_refunded",
  "refunded",
  "declined",
  "voided",
]);
export const FulfilmentStatus = z.enum(["unfulfilled", "shipped", "delivered", "returned"]);

/** The life of an order: from which states a move may be made. Model and screens both read this table. */
export const lifecycle = {
  confirm: ["pending"],
  cancel: ["pending", "confirmed"],
  ship: ["confirmed"],
  deliver: ["shipped"],
} as const satisfies Record<string, readonly OrderStatus[]>;

export const OrderLine = z.object({
  variantId: VariantId,
  sku: Sku,
  title: z.string(),
  variantTitle: z.string(),
  quantity: z.int().positive(),
  unitPrice: Money,
  total: Money,
});
export type OrderLine = z.output<typeof OrderLine>;

/** While an order is `pending` its lines, totals, address and email may not be known yet: empty and null then. */
export const Order = z.object({
  id: OrderId,
  /** For people: can be read out, and does not give the turnover away. */
  number: z.string(),
  cartId: CartId,
  status: OrderStatus,
  paymentStatus: OrderPaymentStatus,
  fulfilmentStatus: FulfilmentStatus,
  lines: z.array(OrderLine),
  totals: Totals.nullable(),
  shippingAddress: Address.nullable(),
  email: Email.nullable(),
  placedAt: z.iso.datetime(),
  timeline: z.array(z.object({ at: z.iso.datetime(), what: z.string(), detail: z.string().optional() })),
});
export type Order = z.output<typeof Order>;

/** `token` opens the order for its buyer: send it as `X-Order-Token`. */
export const PlacedOrder = Order.extend({ token: z.string() });

export const checkout = action("orders.checkout", {
  summary: "Buys the cart: 201 when confirmed, 202 when the outcome is still open. The same cart never gives two orders.",
  input: z.object({
    id: CartId,
    payment: Method,
    /** Refuse with `cart_changed` if the total is another one. */
    expectedTotal: Money.optional(),
    /** Refuse with `cart_changed` if the cart has changed since. */
    version: z.int().optional(),
  }),
  output: PlacedOrder,
  access: "public",
  repeat: "keyed",
  timeout: 9_000,
  http: {
    route: "POST /store/v1/carts/:id/checkout",
    status: 201,
    alsoStatus: [202],
    keyRequired: true,
    keepsKey: true,
    faults: ["not_found", "payment_declined", "insufficient_stock", "coupon_unavailable", "cart_changed", "unavailable"],
  },
});

export const getOrder = action("orders.getOrder", {
  summary: "An order, for whoever holds its token.",
  input: z.object({ id: OrderId, token: z.string().max(200).optional() }),
  output: Order,
  access: "public",
  http: { route: "GET /store/v1/orders/:id", headers: { token: "x-order-token" }, faults: ["not_found"] },
});

export const followOrder = action("orders.followOrder", {
  summary: "Server-sent events of the same order: its present state at once, and again whenever it has changed.",
  input: z.object({ id: OrderId, token: z.string().max(200).optional() }),
  output: Order,
  access: "public",
  http: { route: "GET /store/v1/orders/:id/events", headers: { token: "x-order-token" }, events: true, faults: ["not_found"] },
});

export const findOrders = action("orders.findOrders", {
  summary: "Orders, newest first; by number, email, status and date.",
  input: z.object({
    number: z.string().max(40).optional(),
    email: z.string().max(254).optional(),
    status: OrderStatus.optional(),
    placedFrom: z.iso.datetime().optional(),
    placedUntil: z.iso.datetime().optional(),
    ...paging,
  }),
  output: page(Order),
  access: "admin",
  http: "GET /admin/v1/orders",
});

export const readOrder = action("orders.readOrder", {
  summary: "One order, for the administration.",
  input: z.object({ id: OrderId }),
  output: Order,
  access: "admin",
  http: { route: "GET /admin/v1/orders/:id", faults: ["not_found"] },
});

/** The order stands: stock is allocated, the payment authorized. */
export const confirmed = event(
  "orders.confirmed",
  "orderId",
  z.object({
    orderId: OrderId,
    number: z.string(),
    cartId: CartId,
    email: Email,
    lines: z.array(OrderLine.extend({ requiresShipping: z.boolean() })),
    totals: Totals,
    shippingAddress: Address,
    shippingOptionId: z.string(),
  }),
);

/** The order came to nothing; whatever was done for it has been undone. */
export const cancelled = event(
  "orders.cancelled",
  "orderId",
  z.object({ orderId: OrderId, number: z.string(), cartId: CartId, reason: z.string() }),
);
