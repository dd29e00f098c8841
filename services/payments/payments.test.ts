import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { money } from "../../lib/money.ts";
import { eventually } from "../../test/support/eventually.ts";
import * as payments from "./contract.ts";
import { price, type Shop, startShop } from "./payments.support.ts";
import { requireNamedProvider } from "./till.ts";

const never = new AbortController().signal;
let shop: Shop;
/** A shop that waits a fifth of a second for its provider. */
let hasty: Shop;

beforeAll(async () => {
  [shop, hasty] = await Promise.all([startShop(), startShop({ providerTimeout: 200 })]);
});
afterAll(async () => {
  await Promise.all([shop[Symbol.asyncDispose](), hasty[Symbol.asyncDispose]()]);
});

test("a payment is authorized once, whoever asks again", async () => {
  const till = shop.forOrder();
  const answers = await Promise.all(Array.from({ length: 8 }, () => till.pay()));
  expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(["authorized"]));
  expect(await till.pay("tok_declined", money(1, "EUR"))).toEqual({ outcome: "authorized" });
  expect(await till.ledger()).toEqual([["authorize", 4_200]]);
});

test("a declined payment says why and moves no money", async () => {
  const till = shop.forOrder();
  expect(await till.pay("tok_insufficient_funds")).toEqual({ outcome: "declined", reason: "insufficient_funds" });
  expect(await till.pay("tok_ok")).toEqual({ outcome: "declined", reason: "insufficient_funds" });
  expect(await till.ledger()).toEqual([]);
});

test("a provider that books and never answers is asked what it has booked, and not paid twice", async () => {
  const till = hasty.forOrder();
  expect(await till.pay("tok_timeout_charged")).toEqual({ outcome: "unknown" });
  expect(await till.pay("tok_timeout_charged")).toEqual({ outcome: "authorized" });
  expect(await till.ledger()).toEqual([["authorize", 4_200]]);
});

test("a slow provider is waited for", async () => {
  const till = shop.forOrder();
  expect(await till.pay("tok_slow")).toEqual({ outcome: "authorized" });
});

test("a slow provider whose answer was not awaited has authorized once in the end", async () => {
  const till = hasty.forOrder();
  expect(await till.pay("tok_slow")).toEqual({ outcome: "unknown" });
  expect(await till.pay("tok_slow")).toEqual({ outcome: "unknown" });
  expect(await eventually(async () => known(await till.pay("tok_slow")))).toEqual({ outcome: "authorized" });
  expect(await till.ledger()).toEqual([["authorize", 4_200]]);
});

function known<T extends { outcome: string }>(answer: T): T {
  if (answer.outcome === "unknown") throw new Error("still unknown");
  return answer;
}

test("a provider that keeps failing makes the payment fail, and bars the order there", async () => {
  const till = shop.forOrder();
  const answers = [
    await till.pay("tok_error"),
    await till.pay("tok_error"),
    await till.pay("tok_error"),
    await till.pay("tok_error"),
  ];
  expect(answers.map(({ outcome }) => outcome)).toEqual(["unknown", "unknown", "unknown", "failed"]);
  expect(await till.pay("tok_ok")).toEqual({ outcome: "failed", reason: "sandbox_error" });
  const late = await shop.provider.authorize({ orderId: till.orderId, amount: price, token: "tok_ok" }, never);
  expect(late).toEqual({ outcome: "voided" });
  expect(await till.ledger()).toEqual([]);
});

test("the first amount and card count while the outcome is open", async () => {
  const till = shop.forOrder();
  expect(await till.pay("tok_error")).toEqual({ outcome: "unknown" });
  expect(await till.pay("tok_ok", money(1, "EUR"))).toEqual({ outcome: "unknown" });
  expect(await till.ledger()).toEqual([]);
});

test("voiding gives the money back, says so once, and nothing is authorized afterwards", async () => {
  const till = shop.forOrder();
  await till.pay();
  expect(await Promise.all([till.cancel(), till.cancel()])).toEqual([{ outcome: "voided" }, { outcome: "voided" }]);
  expect(await till.pay()).toEqual({ outcome: "voided" });
  expect(await till.ledger()).toEqual([
    ["authorize", 4_200],
    ["void", 4_200],
  ]);
  expect(await till.announced()).toEqual([{ type: "payments.voided", orderId: till.orderId }]);
});

test("an authorization that arrives after its void is refused, here and at the provider", async () => {
  const till = shop.forOrder();
  expect(await till.cancel()).toEqual({ outcome: "voided" });
  expect(await till.pay()).toEqual({ outcome: "voided" });
  const late = await shop.provider.authorize({ orderId: till.orderId, amount: price, token: "tok_ok" }, never);
  expect(late).toEqual({ outcome: "voided" });
  expect(await till.announced()).toEqual([]);
});

test("a payment of unknown outcome that was booked is given back by its void", async () => {
  const till = hasty.forOrder();
  expect(await till.pay("tok_timeout_charged")).toEqual({ outcome: "unknown" });
  expect(await till.cancel()).toEqual({ outcome: "voided" });
  expect(await till.ledger()).toEqual([
    ["authorize", 4_200],
    ["void", 4_200],
  ]);
});

test("the ledger is the administration's", async () => {
  const till = shop.forOrder();
  await till.pay();
  const ask = { orderId: till.orderId };
  await expect(shop.request(payments.findLedgerEntries, ask)).rejects.toMatchObject({ type: "unauthorized" });
  const { data } = await shop.request(payments.findLedgerEntries, ask, { caller: { kind: "admin", id: "key", scopes: ["*"] } });
  expect(data).toEqual([{ type: "authorize", amount: 4_200, currency: "EUR", at: expect.stringMatching(/Z$/) }]);
});

test("a production shop says which provider takes its money", () => {
  expect(() => requireNamedProvider({ mode: "production", paymentProvider: undefined })).toThrow("set PAYMENT_PROVIDER");
  expect(() => requireNamedProvider({ mode: "production", paymentProvider: "sandbox" })).not.toThrow();
  expect(() => requireNamedProvider({ mode: "development", paymentProvider: undefined })).not.toThrow();
});
