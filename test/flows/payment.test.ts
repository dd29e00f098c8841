import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { eventually } from "../support/eventually.ts";
import { type Shop, SHAPES, startShop } from "../support/shop.ts";
import { type Shopper, shopper } from "../support/shopper.ts";

describe.each(SHAPES)("%s", (shape) => {
  let shop: Shop;
  let ada: Shopper;
  beforeAll(async () => {
    shop = await startShop({ shape });
    ada = shopper(shop);
  }, 60_000);
  afterAll(async () => shop[Symbol.asyncDispose]());

  test.each(["tok_declined", "tok_insufficient_funds", "tok_nobody_knows"])(
    "%s is refused, and cart and stock are as before",
    async (token) => {
      const { id, sku } = await ada.inStock(5);
      const before = await ada.stock(sku);
      const cart = await ada.fullCart(id, 2);
      const refused = await ada.checkout(cart.id, token, `key-${token}`);
      expect(refused).toMatchObject({ status: 402, body: { error: { code: "payment_declined" } } });
      expect(await ada.stock(sku)).toEqual(before);
      expect(await ada.cart(cart.id)).toMatchObject({ status: "open", items: [{ quantity: 2 }] });
      expect(await ada.checkout(cart.id, token, `key-${token}`)).toMatchObject({ status: 402 });
      expect((await ada.checkout(cart.id)).status).toBe(201);
    },
  );

  test("a slow provider is waited for", async () => {
    const { id } = await ada.inStock(5);
    const cart = await ada.fullCart(id);
    expect(await ada.checkout(cart.id, "tok_slow")).toMatchObject({ status: 201, body: { status: "confirmed" } });
  }, 30_000);

  test("a provider that books and never answers is asked what became of it", async () => {
    const { id } = await ada.inStock(5);
    const cart = await ada.fullCart(id);
    const waiting = await ada.checkout(cart.id, "tok_timeout_charged", "key-lost");
    expect(waiting).toMatchObject({ status: 202, body: { status: "pending" } });
    await eventually(async () => {
      expect((await ada.order(waiting.body.id, waiting.body.token)).body.status).toBe("confirmed");
    }, 30_000);
    expect((await ada.ledger(waiting.body.id)).filter(({ type }) => type === "authorize")).toHaveLength(1);
    expect(await ada.checkout(cart.id, "tok_timeout_charged", "key-lost")).toMatchObject({
      status: 201,
      body: { id: waiting.body.id, status: "confirmed" },
    });
  }, 60_000);

  test("a provider that fails for good leaves no charge, no order and no held stock", async () => {
    const { id, sku } = await ada.inStock(5);
    const before = await ada.stock(sku);
    const cart = await ada.fullCart(id);
    const first = await ada.checkout(cart.id, "tok_error", "key-error");
    expect([202, 402]).toContain(first.status);
    await eventually(async () => {
      expect((await ada.cart(cart.id)).status).toBe("open");
    }, 60_000);
    expect(await ada.stock(sku)).toEqual(before);
    expect(await ada.checkout(cart.id, "tok_error", "key-error")).toMatchObject({ status: 402 });
  }, 90_000);
});
