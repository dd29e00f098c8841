import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Caller } from "../../lib/edge.ts";
import { newId } from "../../lib/ids.ts";
import { money } from "../../lib/money.ts";
import * as payments from "./contract.ts";
import { type Shop, startShop } from "./payments.support.ts";

const admin: Caller = { kind: "admin", id: "key", scopes: ["*"] };
let shop: Shop;

beforeAll(async () => {
  shop = await startShop({ capture: "shipment" });
});
afterAll(async () => shop[Symbol.asyncDispose]());

const balance = () => shop.request(payments.getTrialBalance, {}, { caller: admin });

test("a capture is owed by the provider and was sold, a refund the reverse", async () => {
  const till = shop.forOrder();
  await till.pay();
  expect(await till.journal()).toEqual([]);
  const [captureId, refundId] = [newId("cap"), newId("rfd")];
  await till.take(3_000, captureId);
  await till.giveSome(500, refundId);
  const lines = (await till.journal()).map(({ kind, reference, account, side, amount }) => [
    kind,
    reference,
    account,
    side,
    amount.amount,
  ]);
  expect(lines.toReversed()).toEqual([
    ["capture", captureId, "provider", "debit", 3_000],
    ["capture", captureId, "sales", "credit", 3_000],
    ["refund", refundId, "provider", "credit", 500],
    ["refund", refundId, "sales", "debit", 500],
  ]);
});

test("the trial balance is zero at every instant, also while captures and refunds are under way", async () => {
  const tills = Array.from({ length: 8 }, () => shop.forOrder());
  const over = new AbortController();
  const working = Promise.all(
    tills.map(async (till) => {
      await till.pay();
      await Promise.all([till.take(1_000), till.take(2_000)]);
      await Promise.all([till.giveSome(700), till.giveBack()]);
    }),
  ).finally(() => over.abort());
  const seen: number[] = [];
  while (!over.signal.aborted) seen.push((await balance()).difference);
  await working;
  const { accounts, difference } = await balance();
  expect(new Set([...seen, difference])).toEqual(new Set([0]));
  expect(accounts.map(({ account }) => account)).toEqual(["provider", "sales"]);
  for (const { debit, credit, balance: left } of accounts) expect(left).toBe(debit - credit);
  expect(accounts[0]!.debit).toBeGreaterThan(20_000);
});

test("what is booked is neither changed nor removed", async () => {
  const till = shop.forOrder();
  await till.pay();
  await till.take(100);
  const { sql } = shop.database;
  await expect(sql`update entry set amount = 1 where order_id = ${till.orderId}`).rejects.toThrow("only ever added to");
  await expect(sql`delete from entry where order_id = ${till.orderId}`).rejects.toThrow("only ever added to");
  await expect(sql`truncate entry`).rejects.toThrow("only ever added to");
  await expect(sql`update booking set kind = 'refund' where order_id = ${till.orderId}`).rejects.toThrow("only ever added to");
  await expect(sql`delete from booking where order_id = ${till.orderId}`).rejects.toThrow("only ever added to");
});

test("a booking that does not balance is refused when it is committed, and with it whatever it was for", async () => {
  const till = shop.forOrder();
  await till.pay();
  const captureId = newId("cap");
  const write = (sides: readonly (readonly [string, number, string])[]) =>
    shop.database.transaction(async (tx) => {
      await tx`
        insert into movement (id, order_id, kind, amount, currency, status)
        values (${captureId}, ${till.orderId}, 'capture', 5, 'EUR', 'done')`;
      const [row] = await tx<[{ id: number }]>`
        insert into booking (order_id, kind, movement_id) values (${till.orderId}, 'capture', ${captureId}) returning id`;
      for (const [side, amount, currency] of sides) {
        await tx`
          insert into entry (booking_id, order_id, account, side, amount, currency)
          values (${row.id}, ${till.orderId}, 'sales', ${side}, ${amount}, ${currency})`;
      }
    });
  await expect(write([])).rejects.toThrow("not balanced");
  await expect(write([["debit", 5, "EUR"]])).rejects.toThrow("not balanced");
  await expect(write([["debit", 5, "EUR"], ["credit", 4, "EUR"]])).rejects.toThrow("not balanced"); // prettier-ignore
  await expect(write([["debit", 5, "EUR"], ["credit", 5, "USD"]])).rejects.toThrow("not balanced"); // prettier-ignore
  expect(await till.journal()).toEqual([]);
  expect((await till.payment()).captures).toEqual([]);
});

test("a payment takes no more than it has, whatever the code says", async () => {
  const till = shop.forOrder();
  await till.pay();
  const { sql } = shop.database;
  const change = (column: string) => sql`update payment set ${sql(column)} = 4201 where order_id = ${till.orderId}`;
  for (const column of ["captured", "capturing", "refunded", "refunding"])
    await expect(change(column)).rejects.toThrow("check constraint");
});

test("the books come in pages, newest first, and for administrators only", async () => {
  const till = shop.forOrder();
  await till.pay();
  for (const amount of [1, 2, 3]) await till.take(amount);
  const first = await shop.request(payments.findJournal, { orderId: till.orderId, limit: 4 }, { caller: admin });
  const rest = await shop.request(
    payments.findJournal,
    { orderId: till.orderId, cursor: first.meta.nextCursor },
    { caller: admin },
  );
  expect([...first.data, ...rest.data].map(({ amount }) => amount.amount)).toEqual([3, 3, 2, 2, 1, 1]);
  expect(rest.meta.nextCursor).toBeNull();
  await expect(shop.request(payments.findJournal, { cursor: "x" }, { caller: admin })).rejects.toMatchObject({
    type: "malformed",
  });
  for (const action of [payments.findJournal, payments.getTrialBalance, payments.reconcile]) {
    await expect(shop.request(action, {})).rejects.toMatchObject({ type: "unauthorized" });
  }
});

test("a payment is shown with its captures and refunds, and why one was refused", async () => {
  const till = shop.forOrder();
  await expect(till.payment()).rejects.toMatchObject({ type: "not_found" });
  await till.pay();
  await till.take(1_000);
  await till.take(9_000);
  await till.giveSome(400);
  expect(await till.payment()).toMatchObject({
    orderId: till.orderId,
    status: "authorized",
    provider: "sandbox",
    reason: null,
    authorized: money(4_200, "EUR"),
    captured: money(1_000, "EUR"),
    refunded: money(400, "EUR"),
    captures: [
      { status: "done", refusal: null },
      { status: "refused", refusal: "amount_not_authorized" },
    ],
    refunds: [{ status: "done", why: "goodwill" }],
  });
});
