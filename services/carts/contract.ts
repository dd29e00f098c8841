import { z } from "zod";
import { action, event } from "../../lib/contract.ts";
import { Id } from "../../lib/ids.ts";
import { Money } from "../../lib/money.ts";
import { Sku, VariantId } from "../catalog/contract.ts";
import { AppliedCoupon, CouponCode, Country, InapplicableCoupon, PricedLine, Totals } from "../pricing/contract.ts";
import { ShippingOption } from "../shipping/contract.ts";

export const CartId = Id("cart");
export const CartItemId = Id("item");
const OrderId = Id("ord");
const CustomerId = Id("cus");

export const Email = z.email().max(254);
const Text = z.string().trim().min(1).max(120);
export const Address = z.object({
  name: Text,
  line1: Text,
  line2: Text.optional(),
  city: Text,
  postalCode: z.string().trim().min(1).max(20),
  region: Text.optional(),
  country: Country,
});
export type Address = z.output<typeof Address>;

export const Quantity = z.int().min(1).max(999);

export const CartItem = PricedLine.omit({ requiresShipping: true }).extend({ id: CartItemId });

/** A cart as the shop sees it now: prices are the server's, and `version` rises with every change. */
export const Cart = z.object({
  id: CartId,
  status: z.enum(["open", "locked", "completed"]),
  items: z.array(CartItem),
  /** Variants in the cart that are no longer sold: they are not in `items` and cannot be checked out. */
  unavailable: z.array(z.object({ id: CartItemId, variantId: VariantId })),
  email: Email.nullable(),
  shippingAddress: Address.nullable(),
  shippingOptionId: z.string().nullable(),
  coupons: z.array(AppliedCoupon),
  /** Coupons in the cart that take nothing off as it is now; a checkout refuses them. */
  inapplicableCoupons: z.array(InapplicableCoupon),
  /** Whose it is, once its owner has signed in. */
  customerId: CustomerId.nullable(),
  totals: Totals,
  version: z.int(),
});
export type Cart = z.output<typeof Cart>;

/** The life of a cart: what may happen in which state. */
export const lifecycle = { change: ["open"], freeze: ["open"], reopen: ["locked"], complete: ["open", "locked"] } as const;

export const createCart = action("carts.createCart", {
  summary: "Opens an empty cart. Its id is the key to it.",
  input: z.object({}),
  output: Cart,
  access: "public",
  http: { route: "POST /store/v1/carts", status: 201 },
});

export const getCart = action("carts.getCart", {
  summary: "A cart, priced now.",
  input: z.object({ id: CartId }),
  output: Cart,
  access: "public",
  http: { route: "GET /store/v1/carts/:id", faults: ["not_found"] },
});

export const updateCart = action("carts.updateCart", {
  summary: "Says where to send it, to whom to write, and how to ship.",
  input: z.object({
    id: CartId,
    email: Email.optional(),
    shippingAddress: Address.optional(),
    shippingOptionId: z.string().min(1).max(60).optional(),
  }),
  output: Cart,
  access: "public",
  http: { route: "PATCH /store/v1/carts/:id", faults: ["not_found", "cart_locked"] },
});

export const addItem = action("carts.addItem", {
  summary: "Puts a variant into the cart. A variant that is in it already gets more.",
  input: z.object({ id: CartId, variantId: VariantId, quantity: Quantity }),
  output: Cart,
  access: "public",
  http: { route: "POST /store/v1/carts/:id/items", status: 201, faults: ["not_found", "cart_locked"] },
});

export const changeItem = action("carts.changeItem", {
  summary: "Sets the quantity of an item.",
  input: z.object({ id: CartId, itemId: CartItemId, quantity: Quantity }),
  output: Cart,
  access: "public",
  http: { route: "PATCH /store/v1/carts/:id/items/:itemId", faults: ["not_found", "cart_locked"] },
});

export const removeItem = action("carts.removeItem", {
  summary: "Takes an item out.",
  input: z.object({ id: CartId, itemId: CartItemId }),
  output: Cart,
  access: "public",
  http: { route: "DELETE /store/v1/carts/:id/items/:itemId", faults: ["not_found", "cart_locked"] },
});

export const findShippingOptions = action("carts.findShippingOptions", {
  summary: "How this cart can be sent to its address; empty until the country is known.",
  input: z.object({ id: CartId }),
  output: z.object({ data: z.array(ShippingOption) }),
  access: "public",
  http: { route: "GET /store/v1/carts/:id/shipping-options", faults: ["not_found"] },
});

export const addCoupon = action("carts.addCoupon", {
  summary: "Puts a coupon into the cart; one that cannot be used is refused.",
  input: z.object({ id: CartId, code: CouponCode }),
  output: Cart,
  access: "public",
  http: { route: "POST /store/v1/carts/:id/coupons", status: 201, faults: ["not_found", "cart_locked"] },
});

export const removeCoupon = action("carts.removeCoupon", {
  summary: "Takes a coupon out.",
  input: z.object({ id: CartId, code: CouponCode }),
  output: Cart,
  access: "public",
  http: { route: "DELETE /store/v1/carts/:id/coupons/:code", faults: ["not_found", "cart_locked"] },
});

export const adopt = action("carts.adopt", {
  summary:
    "Gives a signed-in customer one cart: the guest's cart becomes the customer's own, or its items join those of the cart that the customer has open.",
  input: z.object({ customerId: CustomerId, email: Email, cartId: CartId.optional() }),
  /** The customer's open cart; null when there is none. A guest's cart that is unknown, bought or somebody else's is left alone. */
  output: z.object({ cartId: CartId.nullable() }),
  repeat: "keyed",
  // A sign-in waits for it.
  timeout: 2_000,
});

/** What a checkout needs of a cart. */
export const FrozenCart = z.object({
  cartId: CartId,
  version: z.int(),
  email: Email,
  shippingAddress: Address,
  shippingOptionId: z.string(),
  /** `shownPrice` is the price of one that the buyer was shown last. */
  lines: z.array(z.object({ variantId: VariantId, sku: Sku, quantity: z.int().positive(), shownPrice: Money.nullable() })),
  coupons: z.array(CouponCode),
  customerId: CustomerId.nullable(),
});
export type FrozenCart = z.output<typeof FrozenCart>;

export const freeze = action("carts.freeze", {
  summary: "Locks a cart for one order, so that it cannot change while it is checked out.",
  input: z.object({ cartId: CartId, orderId: OrderId }),
  output: z.discriminatedUnion("outcome", [
    z.object({ outcome: z.literal("frozen"), cart: FrozenCart }),
    z.object({ outcome: z.literal("unknown") }),
    /** `missing` names what the cart lacks: `items`, `email`, `shippingAddress`, `shippingOptionId`. */
    z.object({ outcome: z.literal("unready"), missing: z.array(z.string()) }),
    /** Another order has it, or it was bought already. */
    z.object({ outcome: z.literal("taken"), orderId: OrderId }),
    /** The order was undone before this arrived. */
    z.object({ outcome: z.literal("reopened") }),
  ]),
  repeat: "keyed",
});
export type FreezeOutcome = z.output<(typeof freeze)["output"]>;

export const reopen = action("carts.reopen", {
  summary: "Opens a cart again whose order came to nothing. Does nothing for a cart that another order has.",
  input: z.object({ cartId: CartId, orderId: OrderId }),
  output: z.object({}),
  repeat: "keyed",
});

/** The first item was put into a cart. */
export const started = event("carts.started", "cartId", z.object({ cartId: CartId }));

/** A cart became an order and is done with. */
export const completed = event("carts.completed", "cartId", z.object({ cartId: CartId, orderId: OrderId }));
