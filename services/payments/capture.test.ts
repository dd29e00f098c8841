import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { idFor } from "../../lib/ids.ts";
import { eventually } from "../../test/support/eventually.ts";
import { kernel, price, type Shop, startShop } from "./payments.support.ts";

const never = new AbortController().signal;
let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
});
afterAll(async () => shop[Symbol.asyncDispose]());

test("the confirmation of an order captures its payment", async () => {
  const till = shop.forOrder();
  await till.pay();
  await till.confirm();
  const captured = await eventually(async () => {
    const events = await till.announced();
    expect(events).toHaveLength(1);
    return events;
  });
  const captureId = idFor("cap", till.orderId);
  expect(captured).toEqual([{ type: "payments.captured", orderId: till.orderId, captureId, amount: price, captured: price }]);
  expect(await till.ledger()).toEqual([
    ["authorize", 4_200],
    ["capture", 4_200],
  ]);
  await expect(till.cancel()).rejects.toMatchObject({ type: "conflict" });
});

test("a shop that captures at shipment leaves a confirmed order's payment authorized", async () => {
  await using patient = await startShop({ capture: "shipment" });
  const till = patient.forOrder();
  await till.pay();
  await till.confirm();
  await eventually(async () => {
    const { cursors } = await patient.call(kernel.cursors, {});
    expect(cursors).toMatchObject([{ feed: "orders", position: 1 }]);
  });
  expect(await till.ledger()).toEqual([["authorize", 4_200]]);
});

test("an order that was confirmed unpaid waits for an operator", async () => {
  const till = shop.forOrder();
  await till.pay("tok_declined");
  await till.confirm();
  await eventually(async () => {
    const { cursors } = await shop.call(kernel.cursors, {});
    expect(cursors).toMatchObject([{ feed: "orders", retrying: 1 }]);
  });
  expect(await till.ledger()).toEqual([]);
});

test("a capture that the provider refuses is not given up", async () => {
  const till = shop.forOrder();
  await till.pay();
  await shop.provider.voidAuthorization({ orderId: till.orderId }, never);
  await till.confirm();
  const capture = await eventually(async () => {
    const saga = await till.capture();
    expect(saga?.error).toBeTruthy();
    return saga;
  });
  expect(capture).toMatchObject({ status: "compensating", step: "owe", error: expect.stringContaining("not captured: voided") });
});
