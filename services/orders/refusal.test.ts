import { expect, test } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { money } from "../../lib/money.ts";
import type { PricedLine } from "../pricing/contract.ts";
import { compare, isNoOrder, paymentStatusAfter, refusalOf } from "./refusal.ts";

const nothing = money(0, "EUR");
const line = (unitPrice = money(1_999, "EUR")): PricedLine => ({
  variantId: newId("var"),
  sku: "BRICK",
  title: "Brick",
  variantTitle: "Red",
  image: null,
  quantity: 1,
  unitPrice,
  total: unitPrice,
  discount: nothing,
  tax: nothing,
  includedTax: nothing,
  requiresShipping: true,
});

const brick = line();
const now = { total: money(1_999, "EUR"), version: 3, lines: [brick] };
const shown = (shownPrice: typeof brick.unitPrice | null) => [
  { variantId: brick.variantId, sku: "BRICK", quantity: 1, shownPrice },
];

test.each([
  ["nothing expected", {}, true],
  ["the same total", { expectedTotal: money(1_999, "EUR") }, true],
  ["the same version", { version: 3 }, true],
  ["another amount", { expectedTotal: money(1_998, "EUR") }, false],
  ["another currency", { expectedTotal: money(1_999, "USD") }, false],
  ["an older version", { version: 2 }, false],
])("%s against what is", (_what, expected, isSame) => {
  expect(compare(expected, [], now)?.code).toBe(isSame ? undefined : "cart_changed");
});

test("a price that is not the one that was shown is named, with both", () => {
  expect(compare({}, shown(money(1_899, "EUR")), now)).toMatchObject({
    code: "cart_changed",
    details: [{ variantId: brick.variantId, sku: "BRICK", field: "unitPrice", expected: 1_899, actual: 1_999, currency: "EUR" }],
  });
  expect(compare({ version: 3 }, shown(money(1_999, "USD")), now)?.code).toBe("cart_changed");
});

test("a price that was never shown, or is shown still, or a total that was named, is no difference", () => {
  expect(compare({}, shown(null), now)).toBeUndefined();
  expect(compare({}, shown(money(1_999, "EUR")), now)).toBeUndefined();
  expect(compare({ expectedTotal: now.total }, shown(money(1, "EUR")), now)).toBeUndefined();
  expect(compare({}, [{ ...shown(nothing)[0]!, variantId: newId("var") }], now)).toBeUndefined();
});

test("a refusal is read from a saga's reason, and an unknown reason is a deadline that passed", () => {
  expect(refusalOf({ code: "payment_declined" })).toEqual({ code: "payment_declined" });
  expect(refusalOf({ code: "deadline" }).code).toBe("timed_out");
  expect(refusalOf(null).code).toBe("timed_out");
});

test("what names no cart or no buyable one was no order", () => {
  expect((["not_found", "invalid"] as const).every((code) => isNoOrder({ code }))).toBe(true);
  const refused = ["payment_declined", "insufficient_stock", "coupon_unavailable", "cart_changed", "timed_out"] as const;
  expect(refused.some((code) => isNoOrder({ code }))).toBe(false);
});

test("only a declined payment is called declined", () => {
  expect(paymentStatusAfter({ code: "payment_declined" })).toBe("declined");
  expect(paymentStatusAfter({ code: "insufficient_stock" })).toBe("voided");
});
