import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { money } from "../../lib/money.ts";
import { readConfig } from "../../lib/config.ts";
import { scratchDatabase, type ScratchDatabase } from "../../test/support/database.ts";
import { silent } from "../../test/support/logs.ts";
import { startStripeStandIn, type StripeStandIn } from "../../test/support/stripe-stand-in.ts";
import { startWebhookReceiver } from "../../test/support/webhook-receiver.ts";
import * as payments from "./contract.ts";
import { giveBackPayment } from "./give-back.ts";
import { authorizePayment } from "./authorize.ts";
import { move } from "./movement.ts";
import type { Provider } from "./provider.ts";
import { startShop } from "./payments.support.ts";
import { settleOrder } from "./settle.ts";
import { stripeClient } from "./stripe/client.ts";
import { stripe } from "./stripe/stripe.ts";
import { openTill, type Till } from "./till.ts";

const signal = new AbortController().signal;
let database: ScratchDatabase;
let standIn: StripeStandIn;

beforeAll(async () => {
  [database, standIn] = await Promise.all([scratchDatabase("payments"), startStripeStandIn()]);
});
afterAll(async () => {
  await standIn[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const providerWith = ({ takesSeveralCaptures = true, secretKey = standIn.secretKey } = {}): Provider =>
  stripe({
    sql: database.sql,
    client: stripeClient({ url: standIn.url, secretKey }),
    webhookSecret: undefined,
    takesSeveralCaptures,
  });

const tillWith = (provider = providerWith(), patience = 5_000): Till => ({ db: database, log: silent, provider, patience });
const euros = (amount: number) => money(amount, "EUR");

/** An order that was authorized; what was sent for it begins behind that. */
async function anOrder(provider = providerWith()) {
  const orderId = newId("ord");
  await provider.authorize({ orderId, amount: euros(4_200), token: "pm_card_visa" }, signal);
  const [intentId = ""] = [...standIn.books.intents.values()]
    .filter(({ metadata }) => metadata.order_id === orderId)
    .map(({ id }) => id);
  const from = standIn.requests.length;
  return { orderId, intentId, posts: () => standIn.requests.slice(from).filter((request) => request.startsWith("POST")) };
}

test("an authorization makes an intent without a card and confirms that one, whoever asks again", async () => {
  const before = standIn.books.intents.size;
  const { orderId, posts } = await anOrder();
  await providerWith().authorize({ orderId, amount: euros(1), token: "pm_card_visa" }, signal);
  expect(standIn.books.intents.size).toBe(before + 1);
  expect(posts()).toEqual([]);
  expect([...standIn.books.intents.values()].at(-1)).toMatchObject({
    amount: 4_200,
    currency: "eur",
    metadata: { order_id: orderId },
  });
});

test("an account that may capture only once captures a part and says of the next one that nothing is left", async () => {
  const provider = providerWith({ takesSeveralCaptures: false });
  const { orderId } = await anOrder(provider);
  const captureId = newId("cap");
  expect(await provider.capture({ orderId, captureId, amount: euros(1_000) }, signal)).toMatchObject({ outcome: "captured" });
  expect(await provider.capture({ orderId, captureId, amount: euros(1_000) }, signal)).toMatchObject({ outcome: "captured" });
  const next = await provider.capture({ orderId, captureId: newId("cap"), amount: euros(1_000) }, signal);
  expect(next).toEqual({ outcome: "refused", reason: "nothing_authorized" });
  expect(await provider.refund({ orderId, refundId: newId("rfd"), amount: euros(1_000) }, signal)).toMatchObject({
    outcome: "refunded",
  });
});

test("an error 500 after which the money has moved is seen through, and not sent again", async () => {
  const provider = providerWith();
  const { orderId, intentId, posts } = await anOrder(provider);
  const capture = { orderId, captureId: newId("cap"), amount: euros(1_000) };
  standIn.trouble({ path: `${intentId}/capture`, is: "500 and done" });
  expect(await provider.capture(capture, signal)).toEqual({ outcome: "captured", amount: euros(1_000) });
  standIn.trouble({ path: "/v1/refunds", is: "500 and done" });
  const refund = { orderId, refundId: newId("rfd"), amount: euros(600) };
  expect(await provider.refund(refund, signal)).toEqual({ outcome: "refunded", amount: euros(600) });
  expect(posts()).toEqual([`POST /v1/payment_intents/${intentId}/capture`, "POST /v1/refunds"]);
  expect(await provider.find(orderId, signal)).toMatchObject({
    captures: [{ id: capture.captureId, amount: euros(1_000) }],
    refunds: [{ id: refund.refundId, amount: euros(600) }],
  });
});

test("an error 500 that is kept under its key is passed by once it is replayed, under a new key", async () => {
  const provider = providerWith();
  const { orderId, intentId, posts } = await anOrder(provider);
  standIn.trouble({ path: `${intentId}/capture`, is: "500 and nothing done" });
  const capture = { orderId, captureId: newId("cap"), amount: euros(1_000) };
  expect(await provider.capture(capture, signal)).toEqual({ outcome: "failed", reason: "api_error" });
  expect(await provider.capture(capture, signal)).toEqual({ outcome: "captured", amount: euros(1_000) });
  expect(posts()).toEqual([
    `POST /v1/payment_intents/${intentId}/capture`,
    `POST /v1/payment_intents/${intentId}/capture (replayed)`,
    `POST /v1/payment_intents/${intentId}/capture`,
  ]);
});

test("a key that is in use says nothing: the outcome is unknown", async () => {
  const provider = providerWith();
  const { orderId, intentId } = await anOrder(provider);
  standIn.trouble({ path: `${intentId}/capture`, is: "409" });
  const capture = { orderId, captureId: newId("cap"), amount: euros(1_000) };
  await expect(provider.capture(capture, signal)).rejects.toThrow("409");
  expect(await provider.capture(capture, signal)).toMatchObject({ outcome: "captured" });
});

test("an answer that never comes is settled by asking, and captured once", async () => {
  const { orderId, intentId, posts } = await anOrder();
  await authorizePayment(tillWith(), { orderId, amount: euros(4_200), token: "pm_card_visa" });
  standIn.trouble({ path: `${intentId}/capture`, is: "done and silent" });
  const capture = { id: newId("cap"), orderId, kind: "capture" as const, amount: euros(2_000) };
  expect(await move(tillWith(providerWith(), 300), capture)).toEqual({ outcome: "unknown" });
  expect(await settleOrder(tillWith(), orderId)).toBe(true);
  expect(posts()).toEqual([`POST /v1/payment_intents/${intentId}/capture`]);
  const back = { refundId: newId("rfd"), reason: "cancelled" };
  expect(await giveBackPayment(tillWith(), orderId, back)).toEqual({ outcome: "given_back", refunded: euros(2_000) });
  expect(standIn.books.intent(intentId)).toMatchObject({ status: "canceled", amount_received: 2_000 });
});

test("an order that is voided while its intent is being made is not confirmed afterwards", async () => {
  const provider = providerWith();
  const orderId = newId("ord");
  standIn.trouble({ path: "/v1/payment_intents", is: "done and silent" });
  const lost = provider.authorize({ orderId, amount: euros(4_200), token: "pm_card_visa" }, AbortSignal.timeout(200));
  await expect(lost).rejects.toThrow();
  expect(await provider.voidAuthorization({ orderId }, signal)).toEqual({ outcome: "voided", released: null });
  expect(await provider.authorize({ orderId, amount: euros(4_200), token: "pm_card_visa" }, signal)).toEqual({
    outcome: "voided",
  });
  const mine = [...standIn.books.intents.values()].filter(({ metadata }) => metadata.order_id === orderId);
  expect(mine).toMatchObject([{ status: "canceled", amount_capturable: 0 }]);
});

test("what was captured by other means, such as Stripe's own pages, is seen", async () => {
  const provider = providerWith();
  const { orderId, intentId } = await anOrder(provider);
  standIn.books.capture(intentId, { amount_to_capture: "300", final_capture: "false" });
  expect(await provider.find(orderId, signal)).toMatchObject({ captures: [{ id: intentId, amount: euros(300) }] });
});

test("a card that is tried while another one is under way is no decline", async () => {
  const provider = providerWith();
  const orderId = newId("ord");
  const pay = (token: string, within = 5_000) =>
    provider.authorize({ orderId, amount: euros(4_200), token }, AbortSignal.timeout(within));
  standIn.trouble({ path: "/confirm", is: "500 and nothing done" });
  expect(await pay("pm_card_visa")).toMatchObject({ outcome: "failed" });
  await expect(pay("pm_card_visa_chargeDeclined")).rejects.toThrow("idempotency_error");
  expect(await pay("pm_card_visa")).toEqual({ outcome: "authorized" });
});

test("an amount that Stripe does not take is a decline, and a wrong key is no answer", async () => {
  const orderId = newId("ord");
  const pay = (provider: Provider, amount: number) =>
    provider.authorize({ orderId, amount: euros(amount), token: "pm_card_visa" }, signal);
  await expect(pay(providerWith({ secretKey: "sk_test_wrong" }), 1)).rejects.toThrow("401");
  expect(await pay(providerWith(), 1)).toEqual({ outcome: "declined", reason: "amount_too_small" });
  expect(await providerWith().find(orderId, signal)).toEqual({ outcome: "declined", reason: "amount_too_small" });
  expect(await providerWith().voidAuthorization({ orderId }, signal)).toEqual({ outcome: "voided", released: null });
});

test("a shop that is to use Stripe says what it lacks", () => {
  const shopWith = (config: object) =>
    openTill({
      db: database,
      log: silent,
      deriveKey: () => Buffer.alloc(32),
      config: { ...readConfig({}, {}), mode: "production", paymentProvider: "stripe", ...config },
    });
  expect(() => shopWith({})).toThrow("set STRIPE_SECRET_KEY");
  expect(shopWith({ stripeSecretKey: standIn.secretKey }).provider.name).toBe("stripe");
});

test("a shop on Stripe sells, captures in parts, refunds and gives back, and is told by webhook what it did not hear", async () => {
  await using receiver = await startWebhookReceiver();
  await using shop = await startShop({
    paymentProvider: "stripe",
    stripeApiUrl: standIn.url,
    stripeSecretKey: standIn.secretKey,
    stripeWebhookSecret: standIn.webhookSecret,
    stripeMulticapture: true,
    capture: "shipment",
    providerTimeout: 1_000,
  });
  standIn.notify(receiver.url);
  const till = shop.forOrder();
  expect(await till.pay("pm_card_visa_in_silence")).toEqual({ outcome: "unknown" });
  const { body, headers } = await receiver.first((request) => request.body.includes(till.orderId));
  const input = { provider: "stripe", raw: body.toString("base64"), stripeSignature: headers["stripe-signature"] };
  const forged = { ...input, raw: Buffer.from(`${body.toString()} `).toString("base64") };
  await expect(shop.request(payments.receiveWebhook, forged)).rejects.toMatchObject({ type: "unauthorized" });
  expect(await shop.request(payments.receiveWebhook, input)).toEqual({});
  expect((await till.payment()).status).toBe("authorized");
  expect(await till.take(1_000)).toEqual({ outcome: "captured" });
  expect(await till.take(2_000)).toEqual({ outcome: "captured" });
  expect(await till.giveSome(500)).toEqual({ outcome: "refunded" });
  expect(await till.giveBack()).toEqual({ outcome: "given_back", refunded: euros(2_500) });
  const report = await shop.call(payments.reconcile, {});
  expect(report).toMatchObject({ checked: 1, differences: [] });
  const other = shop.forOrder();
  expect(await other.pay("pm_card_visa_chargeDeclinedInsufficientFunds")).toEqual({
    outcome: "declined",
    reason: "insufficient_funds",
  });
});
