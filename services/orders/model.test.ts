import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { lifecycle, OrderStatus } from "./contract.ts";
import { compare, isNoOrder, may, type Move, orderNumber, paymentStatusAfter, refusalOf } from "./model.ts";

test("an order moves as its table says and no other way", () => {
  const moves = Object.keys(lifecycle) as Move[];
  const allowed = moves.flatMap((move) =>
    OrderStatus.options.filter((status) => may(move, status)).map((status) => `${status} ${move}`),
  );
  expect(allowed).toEqual(["pending confirm", "pending cancel", "confirmed cancel", "confirmed ship", "shipped deliver"]);
});

const now = { total: { amount: 1999, currency: "EUR" }, version: 3 };

test.each([
  ["nothing expected", {}, true],
  ["the same total", { expectedTotal: { amount: 1999, currency: "EUR" } }, true],
  ["the same version", { version: 3 }, true],
  ["another amount", { expectedTotal: { amount: 1998, currency: "EUR" } }, false],
  ["another currency", { expectedTotal: { amount: 1999, currency: "USD" } }, false],
  ["an older version", { version: 2 }, false],
])("%s against what is", (_what, expected, isSame) => {
  expect(compare(expected, now)?.code).toBe(isSame ? undefined : "cart_changed");
});

test("a refusal is read from a saga's reason, and an unknown reason is a deadline that passed", () => {
  expect(refusalOf({ code: "payment_declined" })).toEqual({ code: "payment_declined" });
  expect(refusalOf({ code: "deadline" }).code).toBe("timed_out");
  expect(refusalOf(null).code).toBe("timed_out");
});

test("what names no cart or no buyable one was no order", () => {
  expect((["not_found", "invalid"] as const).every((code) => isNoOrder({ code }))).toBe(true);
  expect(
    (["payment_declined", "insufficient_stock", "cart_changed", "timed_out"] as const).some((code) => isNoOrder({ code })),
  ).toBe(false);
});

test("only a declined payment is called declined", () => {
  expect(paymentStatusAfter({ code: "payment_declined" })).toBe("declined");
  expect(paymentStatusAfter({ code: "insufficient_stock" })).toBe("voided");
});

test("an order number can be read out: no letter in it looks or sounds like another one's digit", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (random) => {
      expect(orderNumber(random)).toMatch(/^[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}$/);
    }),
  );
});
