import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
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

  const many = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: count }, (_, index) => work(index)));
  const count = (values: readonly unknown[], value: unknown): number => values.filter((one) => one === value).length;

  test("of 30 who check out the last unit at once, exactly one gets it", async () => {
    const { id, sku } = await ada.inStock(1);
    await ada.setStock(sku, 1);
    const carts = await many(30, () => ada.fullCart(id));
    const answers = await Promise.all(carts.map((cart) => ada.checkout(cart.id)));
    expect(
      count(
        answers.map(({ status }) => status),
        201,
      ),
    ).toBe(1);
    const refused = answers.filter(({ status }) => status === 409);
    expect(refused).toHaveLength(29);
    expect(refused[0]!.body.error).toMatchObject({
      code: "insufficient_stock",
      details: [{ variantId: id, sku, requested: 1, available: 0 }],
    });
    expect(await ada.stock(sku)).toMatchObject({ onHand: 0, reserved: 0, available: 0 });
    const open = await Promise.all(carts.map(async (cart) => (await ada.cart(cart.id)).status));
    expect(count(open, "open")).toBe(29);
  });

  test("one cart checked out 20 times at once under one key is one order, one authorization and twenty equal answers", async () => {
    const { id, sku } = await ada.inStock(25);
    const before = await ada.stock(sku);
    const cart = await ada.fullCart(id);
    const answers = await many(20, () => ada.checkout(cart.id, "tok_ok", "the-same-key"));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(new Set(answers.map(({ body }) => JSON.stringify({ ...body, timeline: [], paymentStatus: "" }))).size).toBe(1);
    expect(
      count(
        (await ada.ledger(answers[0]!.body.id)).map(({ type }) => type),
        "authorize",
      ),
    ).toBe(1);
    expect((await ada.stock(sku)).available).toBe(before.available - 1);
  });

  test("one cart checked out 20 times at once under different keys and tokens is still one order", async () => {
    const { id } = await ada.inStock(25);
    const cart = await ada.fullCart(id);
    const answers = await many(20, (index) => ada.checkout(cart.id, index % 2 === 0 ? "tok_ok" : "tok_declined"));
    const orders = new Set(answers.flatMap(({ status, body }) => (status === 201 ? [body.id] : [])));
    expect(orders.size).toBeLessThanOrEqual(1);
    for (const { status } of answers) expect([201, 402, 409]).toContain(status);
    const last = await ada.checkout(cart.id);
    expect(last.status).toBe(201);
    if (orders.size === 1) expect(orders).toContain(last.body.id);
  });

  test("a key that was used for another request is refused", async () => {
    const { id } = await ada.inStock(5);
    const cart = await ada.fullCart(id);
    expect((await ada.checkout(cart.id, "tok_ok", "k-422")).status).toBe(201);
    expect(await ada.checkout(cart.id, "tok_declined", "k-422")).toMatchObject({
      status: 422,
      body: { error: { code: "idempotency_key_reused" } },
    });
    expect(await ada.post(`/store/v1/carts/${cart.id}/checkout`, { payment: { method: "card", token: "tok_ok" } })).toMatchObject(
      {
        status: 400,
        body: { error: { code: "idempotency_key_required" } },
      },
    );
  });

  test("ten parallel adds of different variants are ten lines", async () => {
    const handles = (await ada.find("plate")).slice(0, 10).map(({ handle }) => handle);
    const variants = await Promise.all(handles.map(async (handle) => (await ada.product(handle)).variants[0]!.id));
    const { body: cart } = await ada.post<{ id: string }>("/store/v1/carts");
    const answers = await Promise.all(
      variants.map((variantId) => ada.post(`/store/v1/carts/${cart.id}/items`, { variantId, quantity: 1 })),
    );
    expect(answers.map(({ status }) => status)).toEqual(variants.map(() => 201));
    expect((await ada.cart(cart.id)).items).toHaveLength(10);
  });
});
