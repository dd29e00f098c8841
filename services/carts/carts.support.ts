import { announcer } from "../../test/support/announcer.ts";
import { startNodes } from "../../test/support/nodes.ts";
import { smallCatalog } from "../../test/support/small-catalog.ts";
import * as orders from "../orders/contract.ts";
import * as carts from "./contract.ts";

export const berlin = { name: "Ada", line1: "Street 1", city: "Berlin", postalCode: "10115", country: "DE" };

/** Carts with pricing and shipping, and stand-ins for the catalog and for what orders announces. */
export async function startCarts() {
  const shelf = smallCatalog();
  const shop = announcer("orders", { confirmed: orders.confirmed, cancelled: orders.cancelled });
  const nodes = await startNodes({ services: ["carts", "pricing", "shipping"], schemas: [shelf.schema, shop.schema] });
  const brick = shelf.sell({ price: 999, sku: "BRICK" });
  const plate = shelf.sell({ price: 50, sku: "PLATE" });
  const open = () => nodes.call(carts.createCart, {});
  return {
    nodes,
    shelf,
    shop,
    brick,
    plate,
    /** An empty cart. */
    open,
    /** A cart with two bricks, ready to be checked out. */
    async ready() {
      const { id } = await open();
      await nodes.call(carts.addItem, { id, variantId: brick.id, quantity: 2 });
      return nodes.call(carts.updateCart, {
        id,
        email: "ada@example.com",
        shippingAddress: berlin,
        shippingOptionId: "standard",
      });
    },
  };
}

export type Carts = Awaited<ReturnType<typeof startCarts>>;
