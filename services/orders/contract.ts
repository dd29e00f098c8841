import { z } from "zod";
import { action, event, page, paging } from "../../lib/contract.ts";
import { Id } from "../../lib/ids.ts";
import { Money } from "../../lib/money.ts";
import { Address, CartId, Email, Quantity } from "../carts/contract.ts";
import { Sku, VariantId } from "../catalog/contract.ts";
import { Method, RefundId } from "../payments/contract.ts";
import { AppliedCoupon, Totals } from "../pricing/contract.ts";
import { ShipmentId } from "../shipping/contract.ts";

export const OrderId = Id("ord");
export type OrderId = z.output<typeof OrderId>;
const CustomerId = Id("cus");
const ReturnId = Id("rtn");

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

/**
 * The life of an order: from which states a move may be made. Model and screens both read this table. An order is `confirmed`
 * until all of it was sent, and `shipped` until all of it has arrived.
 */
export const lifecycle = {
  confirm: ["pending"],
  cancel: ["pending", "confirmed"],
  capture: ["confirmed", "shipped", "delivered"],
  ship: ["confirmed"],
  deliver: ["confirmed", "shipped"],
  return: ["confirmed", "shipped", "delivered"],
  refund: ["confirmed", "shipped", "delivered"],
} as const satisfies Record<string, readonly OrderStatus[]>;

/** What was bought, at the price of then. Paid for it is `total` + `discount` + `tax`. */
const BoughtLine = z.object({
  variantId: VariantId,
  sku: Sku,
  title: z.string(),
  variantTitle: z.string(),
  quantity: z.int().positive(),
  unitPrice: Money,
  total: Money,
  discount: Money,
  tax: Money,
  includedTax: Money,
});

/** A line with how much of it was sent, refunded and sent back. */
export const OrderLine = BoughtLine.extend({ shipped: z.int(), refunded: z.int(), returned: z.int() });
export type OrderLine = z.output<typeof OrderLine>;

const Part = z.object({ sku: Sku, quantity: Quantity });

export const Shipment = z.object({
  id: ShipmentId,
  lines: z.array(Part),
  carrier: z.string().nullable(),
  trackingNumber: z.string().nullable(),
  shippedAt: z.iso.datetime(),
  deliveredAt: z.iso.datetime().nullable(),
});

/** `lines` is empty for a refund of an amount. */
export const Refund = z.object({
  id: RefundId,
  amount: Money,
  lines: z.array(Part),
  reason: z.string(),
  at: z.iso.datetime(),
});

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
  /** Whose it is, if the buyer was signed in or has claimed it by a verified email address. */
  customerId: CustomerId.nullable(),
  coupons: z.array(AppliedCoupon),
  shipments: z.array(Shipment),
  refunds: z.array(Refund),
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
    limit: "checkout",
    status: 201,
    alsoStatus: [202],
    keyRequired: true,
    keepsKey: true,
    faults: ["not_found", "payment_declined", "insufficient_stock", "coupon_unavailable", "cart_changed", "unavailable"],
  },
});

export const getOrder = action("orders.getOrder", {
  summary: "An order, for whoever holds its token and for the customer whose it is.",
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

export const findOwnOrders = action("orders.findOwnOrders", {
  summary: "The orders of the customer who asks, newest first.",
  input: z.object(paging),
  output: page(Order),
  access: "customer",
  http: "GET /store/v1/customers/me/orders",
});

export const findOrders = action("orders.findOrders", {
  summary: "Orders, newest first; by number, email, customer, status and date.",
  input: z.object({
    number: z.string().max(40).optional(),
    email: z.string().max(254).optional(),
    customerId: CustomerId.optional(),
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

/** A line by its SKU or by its variant, whichever the caller knows. */
const Named = z
  .object({ sku: Sku.optional(), variantId: VariantId.optional(), quantity: Quantity })
  .refine(({ sku, variantId }) => (sku === undefined) !== (variantId === undefined), "names its line by `sku` or by `variantId`");
const Lines = z.array(Named).min(1).max(100);
const Reason = z.string().trim().min(1).max(200);

/**
 * What the administration does with an order. Each answers the order as it is after the move, with 202 while the outcome is
 * still open (the provider does not answer), and refuses with `conflict` what the life cycle forbids, naming what it allows.
 */
export const cancelOrder = action("orders.cancelOrder", {
  summary: "Cancels an order of which nothing was sent: money, stock and coupons go back.",
  input: z.object({ id: OrderId, reason: Reason.default("cancelled by the shop") }),
  output: Order,
  access: "admin",
  timeout: 9_000,
  http: { route: "POST /admin/v1/orders/:id/cancel", alsoStatus: [202], keepsKey: true, faults: ["not_found", "conflict"] },
});

export const captureOrder = action("orders.captureOrder", {
  summary: "Takes the money of an order, or a part of it.",
  input: z.object({ id: OrderId, amount: z.int().positive().optional() }),
  output: Order,
  access: "admin",
  timeout: 9_000,
  http: {
    route: "POST /admin/v1/orders/:id/capture",
    alsoStatus: [202],
    keyRequired: true,
    keepsKey: true,
    faults: ["not_found", "conflict", "payment_declined"],
  },
});

export const shipOrder = action("orders.shipOrder", {
  summary: "Sends an order, or some lines of it. Where the shop captures at shipment, their money is taken.",
  input: z.object({
    id: OrderId,
    lines: Lines.optional(),
    carrier: z.string().trim().max(80).optional(),
    trackingNumber: z.string().trim().max(120).optional(),
  }),
  output: Order,
  access: "admin",
  timeout: 9_000,
  http: { route: "POST /admin/v1/orders/:id/ship", alsoStatus: [202], keepsKey: true, faults: ["not_found", "conflict"] },
});

export const deliverOrder = action("orders.deliverOrder", {
  summary: "Notes that a shipment has arrived; all of them if none is named.",
  input: z.object({ id: OrderId, shipmentId: ShipmentId.optional() }),
  output: Order,
  access: "admin",
  timeout: 9_000,
  http: { route: "POST /admin/v1/orders/:id/deliver", alsoStatus: [202], keepsKey: true, faults: ["not_found", "conflict"] },
});

export const returnOrder = action("orders.returnOrder", {
  summary:
    "Takes goods back that were sent; they go on the shelf again unless `restock` is false. Money is given back by a refund.",
  input: z.object({ id: OrderId, lines: Lines.optional(), restock: z.boolean().default(true), reason: Reason }),
  output: Order,
  access: "admin",
  timeout: 9_000,
  http: { route: "POST /admin/v1/orders/:id/return", alsoStatus: [202], keepsKey: true, faults: ["not_found", "conflict"] },
});

export const refundOrder = action("orders.refundOrder", {
  summary: "Gives money back: an amount, what was paid for some lines, or all that is left.",
  input: z.object({ id: OrderId, amount: z.int().positive().optional(), lines: Lines.optional(), reason: Reason }),
  output: Order,
  access: "admin",
  timeout: 9_000,
  http: {
    route: "POST /admin/v1/orders/:id/refund",
    alsoStatus: [202],
    keyRequired: true,
    keepsKey: true,
    faults: ["not_found", "conflict"],
  },
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
    lines: z.array(BoughtLine.extend({ requiresShipping: z.boolean() })),
    totals: Totals,
    coupons: z.array(AppliedCoupon),
    customerId: CustomerId.nullable(),
    shippingAddress: Address,
    shippingOptionId: z.string(),
    confirmedAt: z.iso.datetime(),
  }),
);

const About = { orderId: OrderId, number: z.string() };

/** The order came to nothing; whatever was done for it has been undone. `confirmed` is null unless it had been confirmed before. */
export const cancelled = event(
  "orders.cancelled",
  "orderId",
  z.object({
    ...About,
    cartId: CartId,
    reason: z.string(),
    confirmed: z
      .object({ email: Email, lines: z.array(Part), total: Money, refunded: Money.nullable(), confirmedAt: z.iso.datetime() })
      .nullable(),
  }),
);

/** A shipment of the order is on its way. `isComplete`: nothing is left to be sent. */
export const shipped = event(
  "orders.shipped",
  "orderId",
  z.object({
    ...About,
    email: Email,
    shipmentId: ShipmentId,
    lines: z.array(Part.extend({ title: z.string(), variantTitle: z.string() })),
    carrier: z.string().nullable(),
    trackingNumber: z.string().nullable(),
    shippingAddress: Address,
    isComplete: z.boolean(),
  }),
);

/** A shipment has arrived. `isComplete`: everything has. */
export const delivered = event(
  "orders.delivered",
  "orderId",
  z.object({ ...About, email: Email, shipmentId: ShipmentId, isComplete: z.boolean() }),
);

/** Goods came back. */
export const returned = event(
  "orders.returned",
  "orderId",
  z.object({ ...About, returnId: ReturnId, lines: z.array(Part), reason: z.string() }),
);

/** Money went back. `lines` is empty for a refund of an amount. */
export const refunded = event(
  "orders.refunded",
  "orderId",
  z.object({
    ...About,
    email: Email,
    refundId: RefundId,
    amount: Money,
    lines: z.array(Part.extend({ title: z.string(), variantTitle: z.string() })),
    reason: z.string(),
    /** Nothing that was paid is left. */
    isFull: z.boolean(),
    refundedAt: z.iso.datetime(),
  }),
);
