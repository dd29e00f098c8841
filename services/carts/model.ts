import { type Cart, type FreezeOutcome, type FrozenCart, lifecycle } from "./contract.ts";

type CartItem = Cart["items"][number];

/** A line of a cart. Prices are never kept, they are asked for. */
export type Item = Pick<CartItem, "id" | "variantId" | "quantity">;

/** A line as it is kept, with the price of one that the buyer was shown last. That is no price to charge, it is one to compare. */
export interface StoredItem extends Item, Pick<CartItem, "sku"> {
  readonly shownPrice: FrozenCart["lines"][number]["shownPrice"];
}

/** What a cart says: each change of it makes a version. */
export interface Content extends Pick<Cart, "email" | "shippingAddress" | "shippingOptionId"> {
  readonly items: readonly Item[];
  /** Codes, in the order in which they came. */
  readonly coupons: readonly string[];
}

/** A cart as it is kept. */
export interface StoredCart extends Content, Pick<Cart, "id" | "status" | "version" | "customerId"> {
  readonly items: readonly StoredItem[];
  /** The order that has the cart, unless it is open. */
  readonly orderId: Extract<FreezeOutcome, { outcome: "taken" }>["orderId"] | null;
  /** Whether it has ever had an item. */
  readonly isStarted: boolean;
  /** Rises when shown prices are noted, which makes no version. */
  readonly shown: number;
}

export const EMPTY: Content = { items: [], coupons: [], email: null, shippingAddress: null, shippingOptionId: null };

/** Whether the life of a cart allows a move. */
export function isAllowed(move: keyof typeof lifecycle, { status }: Pick<Cart, "status">): boolean {
  const from: readonly Cart["status"][] = lifecycle[move];
  return from.includes(status);
}

/** Adds an item; one whose variant is there already gets more. */
export function withMore(items: readonly Item[], { id, variantId, quantity }: Item): Item[] {
  const isThere = items.some((item) => item.variantId === variantId);
  if (!isThere) return [...items, { id, variantId, quantity }];
  return items.map((item) => (item.variantId === variantId ? { ...item, quantity: item.quantity + quantity } : item));
}

/** Sets an item's quantity; undefined when the cart has no such item. */
export function withQuantity(items: readonly Item[], { id, quantity }: Pick<Item, "id" | "quantity">): Item[] | undefined {
  if (!items.some((item) => item.id === id)) return undefined;
  return items.map((item) => (item.id === id ? { ...item, quantity } : item));
}

/** Takes an item out; undefined when the cart has no such item. */
export function without(items: readonly Item[], { id }: Pick<Item, "id">): Item[] | undefined {
  return items.some((item) => item.id === id) ? items.filter((item) => item.id !== id) : undefined;
}

const MOST_ITEMS = 100;
const MOST_OF_ONE = 999;

/** The rule that these items break, if any, as the field of `addItem` that is to blame. */
export function breachOf(items: readonly Item[]): { field: string; message: string } | undefined {
  if (items.length > MOST_ITEMS) return { field: "variantId", message: `a cart holds at most ${MOST_ITEMS} different items` };
  if (items.some(({ quantity }) => quantity > MOST_OF_ONE))
    return { field: "quantity", message: `a cart holds at most ${MOST_OF_ONE} of each` };
  return undefined;
}

/** The most coupons that a cart holds. */
export const MOST_COUPONS = 5;

interface Prices extends Pick<Cart, "totals" | "coupons"> {
  readonly lines: readonly Omit<CartItem, "id">[];
  readonly inapplicable: Cart["inapplicableCoupons"];
}

/** What of a cart its owner sees as it is. */
export type Shown = Omit<Content, "coupons"> & Pick<StoredCart, "id" | "status" | "version" | "customerId">;

/** The cart for its owner. An item without a price is no longer sold. */
export function view({ items, ...cart }: Shown, { lines, totals, coupons, inapplicable }: Prices): Cart {
  const prices = new Map(lines.map((line) => [line.variantId, line]));
  const all = items.map((item) => ({ item, price: prices.get(item.variantId) }));
  return {
    ...cart,
    items: all.flatMap(({ item, price }) => (price ? [{ ...price, id: item.id }] : [])),
    unavailable: all.filter(({ price }) => !price).map(({ item: { id, variantId } }) => ({ id, variantId })),
    coupons,
    inapplicableCoupons: inapplicable,
    totals,
  };
}

type ShownPrice = Pick<StoredItem, "id"> & { readonly price: CartItem["unitPrice"] };

/** The prices that the buyer now sees for the first time, of the items that were in the cart before. */
export function newlyShown(before: Pick<StoredCart, "items">, { items }: Pick<Cart, "items">): ShownPrice[] {
  const shown = new Map(before.items.map((item) => [item.id, item.shownPrice]));
  return items.flatMap(({ id, unitPrice: price }) => {
    const old = shown.get(id);
    if (old === undefined || (old?.amount === price.amount && old.currency === price.currency)) return [];
    return [{ id, price }];
  });
}

/** What is kept of an answer to a freeze: all but the cart's content, which cannot change while it is frozen. */
export type Answer = Exclude<FreezeOutcome, { outcome: "frozen" | "unknown" }> | { outcome: "frozen" };

/** The answer to an order that asks for the first time. */
export function answerTo(cart: StoredCart): Answer {
  if (cart.orderId) return { outcome: "taken", orderId: cart.orderId };
  const missing = missingIn(cart);
  return missing.length > 0 ? { outcome: "unready", missing } : { outcome: "frozen" };
}

function missingIn({ items, email, shippingAddress, shippingOptionId }: StoredCart): string[] {
  const needed = { items: items.length > 0, email, shippingAddress, shippingOptionId };
  return Object.entries(needed).flatMap(([field, value]) => (value ? [] : [field]));
}

/** The whole of a kept answer. */
export const told = (cart: StoredCart, answer: Answer): FreezeOutcome =>
  answer.outcome === "frozen" ? { outcome: "frozen", cart: frozen(cart) } : answer;

function frozen({ id, version, items, email, shippingAddress, shippingOptionId, ...cart }: StoredCart): FrozenCart {
  if (!email || !shippingAddress || !shippingOptionId) throw new Error(`cart ${id} was frozen before it was ready`);
  const lines = items.map(({ variantId, sku, quantity, shownPrice }) => ({ variantId, sku, quantity, shownPrice }));
  const { customerId, coupons } = cart;
  return { cartId: id, version, email, shippingAddress, shippingOptionId, lines, coupons: [...coupons], customerId };
}

/** What of a guest's cart moves into the customer's. */
export interface Merger {
  /** The customer's items afterwards that are new or have more. */
  readonly put: readonly StoredItem[];
  /** The guest's items afterwards that have less; a quantity of 0 leaves nothing. */
  readonly left: readonly Pick<Item, "id" | "quantity">[];
  readonly content: Omit<Content, "items">;
}

/**
 * Puts a guest's items into the cart of the customer, as far as its limits go; what does not fit stays in the guest's cart.
 * Quantities of the same variant add up. What the customer's cart says already, it goes on to say.
 */
export function merge(own: StoredCart, guest: StoredCart, customerEmail: string): Merger {
  const mine = new Map(own.items.map((item) => [item.variantId, item]));
  const put: StoredItem[] = [];
  const left: Merger["left"][number][] = [];
  let room = MOST_ITEMS - own.items.length;
  for (const item of guest.items) {
    const there = mine.get(item.variantId);
    const moved = there ? Math.min(item.quantity, MOST_OF_ONE - there.quantity) : room > 0 ? item.quantity : 0;
    if (moved === 0) continue;
    if (!there) room -= 1;
    put.push(there ? { ...there, quantity: there.quantity + moved, shownPrice: item.shownPrice } : { ...item, quantity: moved });
    left.push({ id: item.id, quantity: item.quantity - moved });
  }
  const coupons = [...new Set([...own.coupons, ...guest.coupons])].slice(0, MOST_COUPONS);
  const delivery = own.shippingAddress ? own : guest;
  const { shippingAddress, shippingOptionId } = delivery;
  return { put, left, content: { email: own.email ?? guest.email ?? customerEmail, coupons, shippingAddress, shippingOptionId } };
}

/** Whether the customer's cart has all of it already. */
export const changesNothing = ({ put, content }: Merger, own: StoredCart): boolean =>
  put.length === 0 &&
  content.coupons.length === own.coupons.length &&
  content.email === own.email &&
  content.shippingAddress === own.shippingAddress &&
  content.shippingOptionId === own.shippingOptionId;
