import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { formatMoney, type Money } from "../../lib/money.ts";
import type * as carts from "../../services/carts/contract.ts";
import type * as catalog from "../../services/catalog/contract.ts";
import type * as customers from "../../services/customers/contract.ts";
import type * as inventory from "../../services/inventory/contract.ts";
import type * as notifications from "../../services/notifications/contract.ts";
import type * as orders from "../../services/orders/contract.ts";
import type * as payments from "../../services/payments/contract.ts";
import { eventually } from "../../test/support/eventually.ts";
import { ADDRESS, type Door, shopper } from "../../test/support/shopper.ts";

export type Order = z.output<typeof orders.Order>;
export type Placed = z.output<typeof orders.PlacedOrder>;
export type Cart = z.output<typeof carts.Cart>;
type Session = z.output<typeof customers.Session>;
type Variant = z.output<typeof catalog.ProductVariant>;
type Mail = z.output<typeof notifications.Mail>;
type Level = z.output<typeof inventory.StockLevel>;
type Entry = z.output<typeof payments.LedgerEntry>;
type Balance = z.output<(typeof payments.getTrialBalance)["output"]>;

/** What went wrong, for whoever reads the story. */
const failure = (method: string, path: string, status: number, body: unknown) =>
  new Error(`${method} ${path} answered ${status}: ${JSON.stringify(body)}`);

/** Everything that the people of the story do with the shop: over HTTP, as anybody would. */
export function people(door: Door) {
  const { send } = shopper(door);

  /** A request that has to succeed. */
  async function must<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
    const answer = await send<T>(method, path, body, headers);
    if (answer.status >= 300) throw failure(method, path, answer.status, answer.body);
    return answer.body;
  }

  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const keyed = () => ({ "idempotency-key": randomUUID() });
  const admin = <T>(method: string, path: string, body?: unknown) =>
    must<T>(method, `/admin/v1${path}`, body, { ...bearer(door.adminKey), ...(method === "POST" && keyed()) });
  const list = async <T>(path: string) => (await admin<{ data: T[] }>("GET", path)).data;

  return {
    must,
    admin,
    list,
    sign: (how: "register" | "login", body: object) => must<Session>("POST", `/auth/v1/${how}`, body),
    as: (session: Session) => bearer(session.accessToken),

    /** Variants that are in stock, cheap ones first. */
    async stocked(q: string, least: number, count: number): Promise<Variant[]> {
      const { data } = await must<{ data: { handle: string }[] }>("GET", `/store/v1/products?q=${q}&inStock=true&limit=20`);
      const products = await Promise.all(
        data.map(({ handle }) => must<z.output<typeof catalog.Product>>("GET", `/store/v1/products/${handle}`)),
      );
      const found = products.flatMap(({ variants }) => variants.filter(({ available }) => (available ?? 0) >= least).slice(0, 1));
      if (found.length < count) throw new Error(`the shop has only ${found.length} products with ${least} of a variant in stock`);
      return found.slice(0, count);
    },

    /** A cart with these things that lacks nothing but the checkout. */
    async filledCart(things: readonly (readonly [Variant, number])[], email: string): Promise<Cart> {
      const { id } = await must<Cart>("POST", "/store/v1/carts", {});
      for (const [{ id: variantId }, quantity] of things)
        await must("POST", `/store/v1/carts/${id}/items`, { variantId, quantity });
      await must("PATCH", `/store/v1/carts/${id}`, { email, shippingAddress: ADDRESS });
      const { data } = await must<{ data: { id: string }[] }>("GET", `/store/v1/carts/${id}/shipping-options`);
      return must<Cart>("PATCH", `/store/v1/carts/${id}`, { shippingOptionId: data[0]!.id });
    },

    /** Buys a cart. What the shop answers is for the story to judge. */
    checkout: (cartId: string, token: string, headers: Record<string, string> = {}) =>
      send<Placed & { error?: { code: string } }>(
        "POST",
        `/store/v1/carts/${cartId}/checkout`,
        { payment: { method: "card", token } },
        { ...keyed(), ...headers },
      ),

    order: (id: string) => admin<Order>("GET", `/orders/${id}`),

    /** The order as soon as it is so. */
    orderWhen: (id: string, is: (order: Order) => boolean, patience = 60_000): Promise<Order> =>
      eventually(async () => {
        const order = await admin<Order>("GET", `/orders/${id}`);
        if (!is(order)) throw new Error(`order ${order.number} is ${order.status}, ${order.paymentStatus}`);
        return order;
      }, patience),

    /** A move of the administration, which must have been made when it is answered. */
    move: (id: string, move: string, body: object) => admin<Order>("POST", `/orders/${id}/${move}`, body),

    /** A move that may be refused: the status of the answer. */
    tries: async (id: string, move: string): Promise<number> =>
      (await send("POST", `/admin/v1/orders/${id}/${move}`, {}, { ...bearer(door.adminKey), ...keyed() })).status,

    async stock(sku: string): Promise<Level> {
      const [level] = await list<Level>(`/inventory?sku=${encodeURIComponent(sku)}`);
      if (!level) throw new Error(`there is no stock of ${sku}`);
      return level;
    },

    ledger: (orderId: string) => list<Entry>(`/payments/sandbox/ledger?orderId=${orderId}`),
    trialBalance: () => admin<Balance>("GET", "/payments/trial-balance"),

    /** The newest mail to somebody with these words in its subject. */
    mail: (to: string, subject: string): Promise<Mail> =>
      eventually(async () => {
        const mail = (await list<Mail>(`/mail?to=${encodeURIComponent(to)}&limit=50`)).find((one) =>
          one.subject.includes(subject),
        );
        if (!mail) throw new Error(`${to} has no mail "${subject}"`);
        return mail;
      }, 30_000),
  };
}

export type People = ReturnType<typeof people>;

/** The token that a mail leads back to the shop with. */
export function tokenIn({ text, subject }: Mail): string {
  const token = /[?&]token=([\w.~-]+)/.exec(text)?.[1];
  if (!token) throw new Error(`there is no link with a token in "${subject}"`);
  return token;
}

export const price = (money: Money): string => formatMoney(money);
