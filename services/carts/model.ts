import { type Cart, type FreezeOutcome, type FrozenCart, lifecycle } from "./contract.ts";

type CartItem = Cart["items"][number];

/** A line of a cart. Prices are never kept, they are asked for. */
export type Item = Pick<CartItem, "id" | "variantId" | "quantity">;

/** What a cart says: each change of it makes a version. */
export interface Content extends Pick<Cart, "email" | "shippingAddress" | "shippingOptionId"> {
  readonly items: readonly Item[];
}

/** A cart as it is kept. */
export interface StoredCart extends Content, Pick<Cart, "id" | "status" | "version"> {
  readonly items: readonly (Item & Pick<CartItem, "sku">)[];
  /** The order that has the cart, unless it is open. */
  readonly orderId: Extract<FreezeOutcome, { outcome: "taken" }>["orderId"] | null;
}

export const EMPTY: Content = { items: [], email: null, shippingAddress: null, shippingOptionId: null };

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

interface Prices extends Pick<Cart, "totals"> {
  readonly lines: readonly Omit<CartItem, "id">[];
}

/** The cart for its owner. An item without a price is no longer sold. */
export function view(
  { items, ...cart }: Omit<StoredCart, "items" | "orderId"> & Pick<Content, "items">,
  { lines, totals }: Prices,
): Cart {
  const prices = new Map(lines.map((line) => [line.variantId, line]));
  const all = items.map((item) => ({ item, price: prices.get(item.variantId) }));
  return {
    ...cart,
    items: all.flatMap(({ item, price }) => (price ? [{ ...price, id: item.id }] : [])),
    unavailable: all.filter(({ price }) => !price).map(({ item: { id, variantId } }) => ({ id, variantId })),
    totals,
  };
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

function frozen({ id, version, items, email, shippingAddress, shippingOptionId }: StoredCart): FrozenCart {
  if (!email || !shippingAddress || !shippingOptionId) throw new Error(`cart ${id} was frozen before it was ready`);
  const lines = items.map(({ variantId, sku, quantity }) => ({ variantId, sku, quantity }));
  return { cartId: id, version, email, shippingAddress, shippingOptionId, lines };
}
