import { describe, expect, test } from "@jest/globals";
import { eventually } from "../support/eventually.ts";
import { SHAPES, startShop } from "../support/shop.ts";
import { shopper } from "../support/shopper.ts";

describe.each(SHAPES)("%s", (shape) => {
  test("a newcomer buys a brick, and the order is still there after a restart", async () => {
    await using shop = await startShop({ shape });
    const ada = shopper(shop);
    const found = await ada.find("brick");
    expect(found.length).toBeGreaterThan(10);
    const variant = await ada.inStock(5);
    const before = await ada.stock(variant.sku);
    const cart = await ada.fullCart(variant.id);
    expect(cart.totals.total.amount).toBe(variant.price.amount + cart.totals.shipping.amount + cart.totals.tax.amount);

    const bought = await ada.checkout(cart.id, "tok_ok", "key-1", { expectedTotal: cart.totals.total, version: cart.version });
    expect(bought).toMatchObject({ status: 201, body: { status: "confirmed", email: "ada@example.com", totals: cart.totals } });
    const { id, token, number } = bought.body;
    expect(await ada.ledger(id)).toMatchObject(
      [{ type: "authorize", amount: cart.totals.total.amount, currency: "EUR" }, {}].slice(0, 1),
    );
    await eventually(async () => {
      expect(await ada.stock(variant.sku)).toEqual({ ...before, onHand: before.onHand - 1, available: before.available - 1 });
      expect((await ada.mails()).map(({ subject }) => subject).join()).toContain(number);
      expect((await ada.order(id, token)).body.paymentStatus).toBe("captured");
      expect((await ada.ledger(id)).map(({ type }) => type)).toEqual(["authorize", "capture"]);
      expect((await ada.cart(cart.id)).status).toBe("completed");
    }, 3_000);
    const again = await ada.checkout(cart.id, "tok_ok", "key-1", { expectedTotal: cart.totals.total, version: cart.version });
    expect(again).toMatchObject({ status: 201, body: { id, token } });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect((await ada.order(id, "another token")).status).toBe(404);

    expect(await shop.stop()).toBe(0);
    await using reopened = await shop.again();
    const bob = shopper(reopened);
    expect(await bob.order(id, token)).toMatchObject({
      status: 200,
      body: { id, number, status: "confirmed", paymentStatus: "captured" },
    });
    expect((await bob.stock(variant.sku)).onHand).toBe(before.onHand - 1);
  }, 90_000);
});
