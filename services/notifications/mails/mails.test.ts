import { expect, test } from "@jest/globals";
import { newId } from "../../../lib/ids.ts";
import { money } from "../../../lib/money.ts";
import { aConfirmedOrder } from "../../../test/support/confirming-orders.ts";
import { accountMail } from "./account.ts";
import { orderConfirmation } from "./order-confirmation.ts";
import { orderCancelled, orderRefunded, orderShipped } from "./order-news.ts";

const about = { orderId: newId("ord"), number: "K7MP-3XWD", email: "ada@example.org" };
const evil = '<script>alert("1")</script>';
const mug = { sku: "MUG", quantity: 2, title: "Mug", variantTitle: "Blue" };
const { shippingAddress } = aConfirmedOrder();

const shipped = (changes: Partial<Parameters<typeof orderShipped>[0]> = {}) =>
  orderShipped(
    {
      ...about,
      shipmentId: newId("shp"),
      lines: [mug],
      carrier: "DHL",
      trackingNumber: "0034",
      shippingAddress,
      isComplete: true,
      ...changes,
    },
    "Mugs",
  );

test("a shipment's mail says what is in it, how to follow it, and whether more comes", () => {
  const { to, subject, text, html } = shipped();
  expect([to, subject]).toEqual(["ada@example.org", "Your Mugs order K7MP-3XWD is on its way"]);
  for (const part of ["2 x Mug (Blue)", "DHL", "0034", "1010 Wien", "Everything"]) expect(text).toContain(part);
  for (const part of ["Mug", "Blue", "DHL", "0034"]) expect(html).toContain(part);
  const partial = shipped({ isComplete: false, carrier: null, trackingNumber: null });
  expect(partial.text).toContain("The rest of order K7MP-3XWD follows.");
  expect(partial.text + partial.html).not.toMatch(/Tracking|null/);
});

const cancelled = (refunded: ReturnType<typeof money> | null) => ({
  ...about,
  cartId: newId("cart"),
  reason: "out of clay",
  confirmed: {
    email: about.email,
    lines: [{ sku: "MUG", quantity: 2 }],
    total: money(4_200, "EUR"),
    refunded,
    confirmedAt: new Date().toISOString(),
  },
});

test("a cancelled order's mail says where the money is; an order that never stood has none", () => {
  expect(orderCancelled(cancelled(money(4_200, "EUR")), "Mugs")?.text).toMatch(/42\.00 EUR back to you[^]*out of clay/);
  expect(orderCancelled(cancelled(null), "Mugs")?.text).toContain("Nothing was taken from your card.");
  expect(orderCancelled({ ...cancelled(null), confirmed: null }, "Mugs")).toBeNull();
});

const refunded = (lines: (typeof mug)[], isFull: boolean) =>
  orderRefunded(
    {
      ...about,
      refundId: newId("rfd"),
      amount: money(1_200, "EUR"),
      lines,
      reason: "broken",
      isFull,
      refundedAt: new Date().toISOString(),
    },
    "Mugs",
  );

test("a refund's mail names the amount, for what, and whether that is all", () => {
  expect(refunded([mug], false).text).toMatch(/sent 12\.00 EUR for order K7MP-3XWD back[^]*2 x Mug \(Blue\)[^]*broken/);
  expect(refunded([], true).text).toContain("With 12.00 EUR all that you paid");
});

const shop = { shopName: "Mugs", shopUrl: "https://mugs.example/shop/" };

test("a mail about an account leads to the storefront with its token, and nowhere else", () => {
  const { subject, text, html } = accountMail("ada@example.org", { kind: "password_reset", link: "/reset?token=a&b" }, shop);
  expect(subject).toBe("Set a new password for Mugs");
  expect(text).toContain("https://mugs.example/reset?token=a&b");
  expect(html).toContain('href="https://mugs.example/reset?token=a&amp;b"');
  expect(accountMail("a@b.c", { kind: "verify_email", link: "/verify?token=t" }, shop).text).toContain("/verify?token=t");
  expect(accountMail("a@b.c", { kind: "account_exists" }, shop).text).toContain("https://mugs.example/login");
});

test("prices that include tax say how much of them it is", () => {
  const order = aConfirmedOrder();
  const totals = { ...order.totals, tax: money(0, "EUR"), includedTax: money(671, "EUR") };
  const { text, html } = orderConfirmation({ ...order, totals }, "Mugs");
  expect(text).toMatch(/of which tax +6\.71 EUR/);
  expect(html).toContain("of which tax");
});

test("what people have typed cannot become markup in any mail", () => {
  const thing = { ...mug, title: evil, variantTitle: `${evil}2` };
  const address = { ...shippingAddress, name: evil, line1: evil };
  const mails = [
    shipped({ lines: [thing], carrier: evil, trackingNumber: evil, shippingAddress: address, number: evil }),
    orderCancelled({ ...cancelled(null), reason: evil, number: evil }, evil)!,
    orderRefunded(
      {
        ...about,
        number: evil,
        refundId: newId("rfd"),
        amount: money(1, "EUR"),
        lines: [thing],
        reason: evil,
        isFull: false,
        refundedAt: "",
      },
      evil,
    ),
    accountMail("a@b.c", { kind: "password_reset", link: `/x?${evil}` }, { ...shop, shopName: evil }),
  ];
  for (const { html } of mails) expect(html).not.toContain("<script");
});
