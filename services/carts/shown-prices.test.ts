import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { openDatabase } from "../../lib/database.ts";
import { money } from "../../lib/money.ts";
import { provision } from "../../lib/provision.ts";
import { eventually } from "../../test/support/eventually.ts";
import { type Carts, startCarts } from "./carts.support.ts";
import * as carts from "./contract.ts";
import { noteShownNow } from "./store.ts";

let here: Carts;
beforeAll(async () => void (here = await startCarts()));
afterAll(async () => here.nodes[Symbol.asyncDispose]());

type CartId = carts.Cart["id"];
const read = (id: CartId) => here.nodes.call(carts.getCart, { id });

/** The prices that an order gets as those which the buyer was shown. */
async function shown(cartId: CartId, orderId = newId("ord")) {
  const answer = await here.nodes.call(carts.freeze, { cartId, orderId });
  if (answer.outcome !== "frozen") throw new Error(`the cart is ${answer.outcome}`);
  return answer.cart.lines.map(({ shownPrice }) => shownPrice?.amount);
}

/** A cart, ready to be checked out, with a variant whose price the test changes. */
async function cartWith(price: number) {
  const variant = here.shelf.sell({ price });
  const { id, version } = await here.ready();
  await here.nodes.call(carts.addItem, { id, variantId: variant.id, quantity: 1 });
  return { id, version: version + 1, reprice: (amount: number) => void (variant.price = money(amount, "EUR")) };
}

test("an order gets the price that was shown last, not the one of now", async () => {
  const { id, reprice } = await cartWith(500);
  reprice(700);
  expect(await shown(id)).toEqual([999, 500]);
});

test("looking at the cart shows the new price, and makes no version", async () => {
  const { id, version, reprice } = await cartWith(500);
  reprice(700);
  expect(await read(id)).toMatchObject({ version, items: [{}, { unitPrice: { amount: 700 } }] });
  expect(await shown(id)).toEqual([999, 700]);
});

test("any change of the cart shows all of its prices", async () => {
  const { id, reprice } = await cartWith(500);
  reprice(700);
  await here.nodes.call(carts.updateCart, { id, email: "eve@example.com" });
  expect(await shown(id)).toEqual([999, 700]);
});

test("adding more of the same shows its new price", async () => {
  const variant = here.shelf.sell({ price: 100 });
  const { id } = await here.ready();
  const add = () => here.nodes.call(carts.addItem, { id, variantId: variant.id, quantity: 1 });
  await add();
  variant.price = money(150, "EUR");
  await add();
  expect(await shown(id)).toEqual([999, 150]);
});

test("a cart in checkout keeps what was shown before it, however often it is looked at", async () => {
  const { id, reprice } = await cartWith(500);
  const orderId = newId("ord");
  expect(await shown(id, orderId)).toEqual([999, 500]);
  reprice(700);
  expect(await read(id)).toMatchObject({ items: [{}, { unitPrice: { amount: 700 } }] });
  expect(await shown(id, orderId)).toEqual([999, 500]);
});

test("a look that comes between the two halves of a freeze is in the order's prices, each time the order asks", async () => {
  const { id, version, reprice } = await cartWith(500);
  reprice(700);
  const orderId = newId("ord");
  const db = openDatabase(await provision(here.nodes.environment.config, "carts"), { service: "test", poolSize: 2 });
  try {
    let first: Promise<unknown> = Promise.resolve();
    const item = (await db.sql`select id from cart_item where cart_id = ${id} order by position desc limit 1`)[0]!;
    await db.transaction(async (tx) => {
      await tx`select from cart where id = ${id} for update`;
      first = shown(id, orderId);
      // It has read the cart and waits to lock it.
      await eventually(async () => {
        const waiting = await db.sql`
          select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%insert into checkout%'`;
        expect(waiting).toHaveLength(1);
      });
      const prices = [{ id: item.id, price: money(700, "EUR") }];
      await noteShownNow(tx as never, { id, version }, prices);
    });
    expect(await first).toEqual([999, 700]);
    expect(await shown(id, orderId)).toEqual([999, 700]);
  } finally {
    await db.close();
  }
});
