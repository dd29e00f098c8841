import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { money } from "../../lib/money.ts";
import { aConfirmedOrder } from "../../test/support/confirming-orders.ts";
import { html } from "./html.ts";
import { judge, oneLine } from "./model.ts";
import { orderConfirmation } from "./mails/order-confirmation.ts";

const busy = { message: "450 try later", code: "EENVELOPE", responseCode: 450 };

test("a refused mail is tried again after longer and longer pauses, and given up at last", () => {
  const pauses = [1, 2, 3, 13].map((tries) => judge(busy, tries, 0));
  expect(pauses).toEqual([1_000, 2_000, 4_000, 3_600_000].map((after) => ({ is: "retried", after })));
  expect(judge(busy, 14, 0)).toEqual({ is: "given up" });
});

test("a mail that the server will never take is not tried again", () => {
  expect(judge({ message: "550 no such user", code: "EENVELOPE", responseCode: 550 }, 1, 0)).toEqual({ is: "given up" });
  expect(judge({ message: "554 refused", code: "EMESSAGE", responseCode: 554 }, 1, 0)).toEqual({ is: "given up" });
});

test("mails wait for a server that is away or that refuses the shop's login", () => {
  expect(judge({ message: "535 wrong password", code: "EAUTH", responseCode: 535 }, 1, 0).is).toBe("retried");
  expect(judge({ message: "connect ECONNREFUSED", code: "ESOCKET" }, 1, 0).is).toBe("retried");
});

test("a header never has a second line", () => {
  expect(oneLine("Order 7\r\nBcc: everybody@example.com")).toBe("Order 7 Bcc: everybody@example.com");
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => expect(oneLine(text)).not.toMatch(/[\r\n\0\u2028\u2029]/)));
});

test("text in markup stays text", () => {
  fc.assert(
    fc.property(fc.string(), (text) =>
      expect(html`<p title="${text}">${text}</p>`.text.replace(/<\/?p[^>]*>/g, "")).not.toMatch(/[<>"']/),
    ),
  );
});

test("the confirmation names the order, its lines and its sums", () => {
  const { to, subject, text } = orderConfirmation(aConfirmedOrder(), "Mugs & More");
  expect(to).toBe("ada@example.org");
  expect(subject).toBe("Your Mugs & More order BW-7K3M-2Q9T is confirmed");
  for (const part of ["2 x Stoneware mug (Blue / 300 ml)", "24.00 EUR", "-2.00 EUR", "42.00 EUR", "1010 Wien", "Austria"]) {
    expect(text).toContain(part);
  }
});

test("the amounts of the confirmation stand in one column", () => {
  const { text } = orderConfirmation(aConfirmedOrder(), "Brickwork");
  const ends = text
    .split("\n")
    .filter((line) => line.endsWith(" EUR"))
    .map(({ length }) => length);
  expect(new Set(ends)).toEqual(new Set([64]));
});

test("what buyers and merchants have typed cannot become markup", () => {
  const evil = '<script>alert("1")</script>';
  const plain = aConfirmedOrder();
  const order = aConfirmedOrder({
    lines: plain.lines.map((line) => ({ ...line, title: evil, variantTitle: `${evil}2` })),
    shippingAddress: { name: evil, line1: evil, line2: evil, city: evil, postalCode: evil, region: evil, country: "AT" },
  });
  const mail = orderConfirmation(order, evil);
  expect(mail.html).not.toContain("<script");
  expect(mail.html).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;");
  expect(mail.text).toContain(evil);
});

test("currencies without decimals have none", () => {
  const order = aConfirmedOrder();
  const won = money(35_000, "KRW");
  const totals = {
    items: won,
    discount: money(0, "KRW"),
    shipping: money(0, "KRW"),
    tax: money(0, "KRW"),
    includedTax: money(0, "KRW"),
    total: won,
  };
  const { text } = orderConfirmation({ ...order, totals }, "Brickwork");
  expect(text).toContain("35000 KRW");
  expect(text).not.toMatch(/Discount|Tax/);
});
