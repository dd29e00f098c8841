import { randomUUID } from "node:crypto";
import type { z } from "zod";
import type * as carts from "../../services/carts/contract.ts";
import type * as catalog from "../../services/catalog/contract.ts";
import type * as inventory from "../../services/inventory/contract.ts";
import type * as notifications from "../../services/notifications/contract.ts";
import type * as orders from "../../services/orders/contract.ts";
import type * as payments from "../../services/payments/contract.ts";

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

interface Refusal {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly details: Record<string, unknown>[];
    readonly requestId: string;
  };
}

type Cart = z.output<typeof carts.Cart>;
type Placed = z.output<typeof orders.PlacedOrder>;
type Order = z.output<typeof orders.Order>;
export type Stock = z.output<typeof inventory.StockLevel>;
type List<T> = { readonly data: readonly T[]; readonly meta: { readonly nextCursor: string | null; readonly total?: number } };

export const ADDRESS = { name: "Ada Lovelace", line1: "Musterweg 1", city: "Berlin", postalCode: "10115", country: "DE" };

/** Where to send requests, and with which key to the administration. */
export interface Door {
  readonly url: string;
  readonly adminKey: string;
}

/** What people do with a shop, over HTTP. */
export function shopper({ url, adminKey }: Door) {
  async function send<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
    const json =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } };
    const response = await fetch(`${url}${path}`, { method, headers, ...json });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text ? JSON.parse(text) : undefined) as T };
  }

  const get = <T>(path: string, headers?: Record<string, string>) => send<T>("GET", path, undefined, headers);
  const post = <T>(path: string, body: unknown = {}, headers?: Record<string, string>) => send<T>("POST", path, body, headers);
  const admin = <T>(path: string) => get<T>(path, { authorization: `Bearer ${adminKey}` });
  const adminPost = <T>(path: string, body: unknown) => post<T>(path, body, { authorization: `Bearer ${adminKey}` });

  return {
    send,
    get,
    post,
    admin,
    adminPost,
    find: async (q: string) =>
      (await get<List<z.output<typeof catalog.ProductItem>>>(`/store/v1/products?q=${encodeURIComponent(q)}&limit=50`)).body.data,
    product: async (idOrHandle: string) => (await get<z.output<typeof catalog.Product>>(`/store/v1/products/${idOrHandle}`)).body,
    /** A product variant whose stock is counted and that has at least so many. */
    async inStock(least = 1, q = "brick") {
      for (const { handle } of await this.find(q)) {
        const found = (await this.product(handle)).variants.find(({ available }) => available !== null && available >= least);
        if (found) return found;
      }
      throw new Error(`nothing in stock for "${q}"`);
    },
    async stock(sku: string): Promise<Stock> {
      const { body } = await admin<List<Stock>>(`/admin/v1/inventory?sku=${encodeURIComponent(sku)}`);
      return body.data[0]!;
    },
    /** Sets what is available of a SKU. */
    async setStock(sku: string, wanted: number): Promise<void> {
      const { available } = await this.stock(sku);
      if (available !== wanted)
        await adminPost(`/admin/v1/inventory/${encodeURIComponent(sku)}/adjustments`, {
          delta: wanted - available,
          reason: "test",
        });
    },
    /** A cart that is ready to be checked out. */
    async fullCart(variantId: string, quantity = 1, email = "ada@example.com"): Promise<Cart> {
      const { body: cart } = await post<Cart>("/store/v1/carts");
      await post(`/store/v1/carts/${cart.id}/items`, { variantId, quantity });
      await send("PATCH", `/store/v1/carts/${cart.id}`, { email, shippingAddress: ADDRESS });
      const { body: options } = await get<{ data: { id: string }[] }>(`/store/v1/carts/${cart.id}/shipping-options`);
      return (await send<Cart>("PATCH", `/store/v1/carts/${cart.id}`, { shippingOptionId: options.data[0]!.id })).body;
    },
    cart: async (id: string) => (await get<Cart>(`/store/v1/carts/${id}`)).body,
    checkout: (cartId: string, token = "tok_ok", key: string = randomUUID(), more: object = {}) =>
      post<Placed & Refusal>(
        `/store/v1/carts/${cartId}/checkout`,
        { payment: { method: "card", token }, ...more },
        { "idempotency-key": key },
      ),
    order: (id: string, token: string) => get<Order & Refusal>(`/store/v1/orders/${id}`, { "x-order-token": token }),
    ledger: async (orderId: string) =>
      (await admin<List<z.output<typeof payments.LedgerEntry>>>(`/admin/v1/payments/sandbox/ledger?orderId=${orderId}`)).body
        .data,
    mails: async () => (await admin<List<z.output<typeof notifications.Mail>>>("/admin/v1/mail?limit=100")).body.data,
    orders: async (query = "") => (await admin<List<Order>>(`/admin/v1/orders?limit=100${query}`)).body.data,
  };
}

export type Shopper = ReturnType<typeof shopper>;
