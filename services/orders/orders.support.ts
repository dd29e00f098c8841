import type { z } from "zod";
import type { Config } from "../../lib/config.ts";
import type { Action, Output } from "../../lib/contract.ts";
import type { Caller } from "../../lib/edge.ts";
import { type FaultCode, faultCode } from "../../lib/fault.ts";
import { kernelContract } from "../../lib/kernel-contract.ts";
import { announcer } from "../../test/support/announcer.ts";
import { eventually } from "../../test/support/eventually.ts";
import { startNodes } from "../../test/support/nodes.ts";
import { smallCatalog } from "../../test/support/small-catalog.ts";
import * as carts from "../carts/contract.ts";
import * as customers from "../customers/contract.ts";
import * as inventory from "../inventory/contract.ts";
import * as payments from "../payments/contract.ts";
import * as orders from "./contract.ts";
import { EVERYTHING } from "./crash.support.ts";

export const shippingAddress = { name: "Ada", line1: "Street 1", city: "Berlin", postalCode: "10115", country: "DE" };

/** What a buyer may do differently. */
interface Wishes {
  readonly token?: string;
  readonly email?: string;
  readonly caller?: Caller;
  readonly coupon?: string;
  readonly key?: string;
}

interface Asking {
  readonly key?: string;
  readonly by?: string;
}

/** An answer with the status that a gateway would give it. */
export interface Answered<T> {
  readonly status: number;
  readonly body: T;
}

export const codeOf = (call: Promise<unknown>): Promise<FaultCode | "ok" | undefined> =>
  call.then(() => "ok" as const, faultCode);

/** What a request was refused with. */
export const refusalOf = (call: Promise<unknown>): Promise<{ message: string; data?: { details?: object[] } }> =>
  call.then(
    () => Promise.reject(new Error("it was not refused")),
    (error: { message: string }) => error,
  );

let keys = 0;

/** A shop of the services that an order meets, with a brick that costs 10.00 and a gift card that is not sent. */
export async function startOrders(config: Partial<Config> = {}, services: readonly string[] = EVERYTHING) {
  const catalog = smallCatalog();
  const people = announcer("customers", { emailVerified: customers.emailVerified });
  const brick = catalog.sell({ price: 1_000, sku: "BRICK" });
  const gift = catalog.sell({ price: 500, sku: "GIFT", requiresShipping: false });
  const nodes = await startNodes({ services, schemas: [catalog.schema, people.schema], config });
  await Promise.all([catalog.stock(brick, 1_000), catalog.stock(gift, 1_000)]);
  const stock = async () => (await nodes.call(inventory.findAvailability, { skus: ["BRICK", "GIFT"] })).available;
  await eventually(async () => {
    const { BRICK, GIFT } = await stock();
    if (BRICK !== 1_000 || GIFT !== 1_000) throw new Error("the shelves are empty");
  });

  /** As the gateway would ask, with the status that it would answer. */
  async function send<A extends Action>(
    action: A,
    input: object,
    { key, by = "key_ada" }: Asking = {},
  ): Promise<Answered<Output<A>>> {
    const url = action.http!.route.replace(":id", "id" in input ? String(input.id) : "");
    const edge = { path: ["id"], query: [], method: "POST", url, ...(key && { idempotencyKey: key }) };
    const meta: { edge: object; caller: Caller; $statusCode?: number } = { edge, caller: { kind: "admin", id: by, scopes: [] } };
    const call = nodes.outside.call(action.name, input, { meta });
    const body = (await call) as Output<A>;
    const { ctx } = call as unknown as { ctx: { meta: typeof meta } };
    return { status: ctx.meta.$statusCode ?? 0, body };
  }

  const move =
    <A extends Action>(action: A) =>
    (id: string, input: Omit<z.input<A["input"]>, "id"> = {} as never, asking: Asking = {}) =>
      send(action, { id, ...input }, { key: `key-${keys++}`, ...asking });

  return {
    ...nodes,
    catalog,
    people,
    brick,
    gift,
    stock,
    cancel: move(orders.cancelOrder),
    capture: move(orders.captureOrder),
    ship: move(orders.shipOrder),
    deliver: move(orders.deliverOrder),
    takeBack: move(orders.returnOrder),
    refund: move(orders.refundOrder),
    read: (id: string) => nodes.call(orders.readOrder, { id }),
    ledger: async (orderId: string) =>
      (await nodes.call(payments.findLedgerEntries, { orderId })).data.map(({ type, amount }) => `${type} ${amount}`),
    /** What orders has announced of an order, in order. */
    async told(orderId: string) {
      const { events } = await nodes.call(kernelContract("orders").feed, { after: 0, limit: 1_000 });
      return events.filter(({ key }) => key === orderId);
    },
    async cart(quantity = 1, { email = "ada@example.com", coupon }: Wishes = {}, variantId: string = brick.id) {
      const { id } = await nodes.call(carts.createCart, {});
      await nodes.call(carts.addItem, { id, variantId, quantity });
      await nodes.call(carts.updateCart, { id, email, shippingAddress, shippingOptionId: "standard" });
      return coupon ? nodes.call(carts.addCoupon, { id, code: coupon }) : nodes.call(carts.getCart, { id });
    },
    checkout(
      id: string,
      { token = "tok_ok", caller = { kind: "guest" }, key = `key-${keys++}` }: Wishes = {},
      more: object = {},
    ) {
      const edge = { path: ["id"], idempotencyKey: key, url: `/store/v1/carts/${id}/checkout`, caller };
      return nodes.request(orders.checkout, { id, payment: { method: "card", token }, ...more }, edge);
    },
    async buy(quantity = 1, wishes: Wishes = {}) {
      return this.checkout((await this.cart(quantity, wishes)).id, wishes);
    },
    /** An order whose money was taken and whose parcel is planned: whatever follows a confirmation has happened. */
    async bought(quantity = 1, wishes: Wishes = {}) {
      const { id } = await this.buy(quantity, wishes);
      return eventually(async () => {
        const order = await this.read(id);
        const told = order.timeline.map(({ what }) => what);
        const isPaid = config.capture === "shipment" || told.includes("payment captured");
        if (!isPaid || !told.includes("parcel planned")) throw new Error(`not yet: ${told.join(", ")}`);
        return order;
      });
    },
  };
}

export type Shop = Awaited<ReturnType<typeof startOrders>>;
