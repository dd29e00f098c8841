import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Caller } from "../../lib/edge.ts";
import { newId } from "../../lib/ids.ts";
import { money } from "../../lib/money.ts";
import { scratchDatabase, type ScratchDatabase } from "../../test/support/database.ts";
import { eventually } from "../../test/support/eventually.ts";
import { authorizePayment } from "./authorize.ts";
import * as payments from "./contract.ts";
import { giveBackPayment } from "./give-back.ts";
import { move } from "./movement.ts";
import { type Shop, startShop } from "./payments.support.ts";
import type { Provider } from "./provider.ts";
import { settleJob } from "./reconcile.ts";
import { findAccount, findPayment } from "./store.ts";
import { tillOn } from "./story.support.ts";

const never = new AbortController().signal;
const admin: Caller = { kind: "admin", id: "key", scopes: ["*"] };
let shop: Shop;
let database: ScratchDatabase;

beforeAll(async () => {
  [shop, database] = await Promise.all([startShop({ providerTimeout: 200, capture: "shipment" }), scratchDatabase("payments")]);
});
afterAll(async () => {
  await shop[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const euros = (amount: number) => money(amount, "EUR");
const start = () => new Date(Date.now() - 60_000).toISOString();
const reconcile = (input: object = { since: start() }) => shop.request(payments.reconcile, input, { caller: admin });

test("an unknown payment is settled within a minute although nobody asks about it again", async () => {
  const till = shop.forOrder();
  expect(await till.pay("tok_timeout_charged")).toEqual({ outcome: "unknown" });
  await eventually(async () => expect((await till.payment()).status).toBe("authorized"), 60_000);
  expect(await till.ledger()).toEqual([["authorize", 4_200]]);
}, 70_000);

/** Runs the job as if all that is open were due. */
async function runJob(provider: Provider): Promise<void> {
  await database.sql`update payment set due_at = now() where status in ('pending', 'failing', 'voiding')`;
  await database.sql`update movement set due_at = now() where status = 'pending'`;
  await settleJob({ ...tillOn(database), provider }).work(never);
}

/** A provider that does nothing and never says so. */
const deaf = (books: Provider): Provider => {
  const lost = () => Promise.reject(new Error("The request was lost."));
  return { ...books, authorize: lost, capture: lost, refund: lost, voidAuthorization: lost, find: lost };
};

test("captures, refunds, voids and cancellations that nobody asks about again come to their end", async () => {
  const till = tillOn(database);
  const lost = { ...till, provider: deaf(till.provider) };
  const [taken, given, voided, back] = [newId("ord"), newId("ord"), newId("ord"), newId("ord")];
  for (const orderId of [taken, given, back]) {
    await authorizePayment(till, { orderId, amount: euros(4_200), token: "tok_ok" });
  }
  for (const orderId of [given, back]) await move(till, { id: newId("cap"), orderId, kind: "capture", amount: euros(1_000) });
  expect(await move(lost, { id: newId("cap"), orderId: taken, kind: "capture", amount: euros(700) })).toEqual({
    outcome: "unknown",
  });
  expect(await move(lost, { id: newId("rfd"), orderId: given, kind: "refund", amount: euros(300) })).toEqual({
    outcome: "unknown",
  });
  expect(await authorizePayment(lost, { orderId: voided, amount: euros(1), token: "tok_ok" })).toEqual({ outcome: "unknown" });
  const cancelled = { refundId: newId("rfd"), reason: "cancelled" };
  expect(await giveBackPayment(lost, back, cancelled)).toEqual({ outcome: "unknown" });
  await runJob(lost.provider);
  expect((await findPayment(database.sql, back))?.status).toBe("voiding");
  await runJob(till.provider);
  expect(await findAccount(database.sql, taken)).toMatchObject({ captured: 700, capturing: 0 });
  expect(await findAccount(database.sql, given)).toMatchObject({ refunded: 300, refunding: 0 });
  expect(await findAccount(database.sql, back)).toMatchObject({ status: "voided", captured: 1_000, refunded: 1_000 });
  // What never reached the provider is not sent by itself: whoever wants the money asks for it again.
  expect((await findPayment(database.sql, voided))?.status).toBe("pending");
});

test("a payment is asked about by one node at a time, and more rarely each time", async () => {
  const till = tillOn(database);
  const orderId = newId("ord");
  await authorizePayment({ ...till, provider: deaf(till.provider) }, { orderId, amount: euros(1), token: "tok_ok" });
  let asked = 0;
  const counting: Provider = {
    ...till.provider,
    find: (wanted, signal) => {
      if (wanted === orderId) asked++;
      return till.provider.find(wanted, signal);
    },
  };
  await database.sql`update payment set due_at = now() where order_id = ${orderId}`;
  await Promise.all([1, 2, 3].map(() => settleJob({ ...till, provider: counting }).work(never)));
  expect(asked).toBe(1);
});

test("books that agree have no differences", async () => {
  const till = shop.forOrder();
  await till.pay();
  await till.take(1_000);
  await till.giveSome(300);
  await shop.forOrder().pay("tok_declined");
  await shop.forOrder().pay("tok_ok", euros(0));
  const cancelled = shop.forOrder();
  await cancelled.pay();
  await cancelled.take(10);
  await cancelled.giveBack();
  const report = await reconcile();
  expect(report).toMatchObject({ differences: [], nextSince: null });
  expect(report.checked).toBeGreaterThanOrEqual(4);
});

test("what is open is settled by it", async () => {
  const till = shop.forOrder();
  expect(await till.pay("tok_timeout_charged")).toEqual({ outcome: "unknown" });
  expect((await reconcile()).settled).toBeGreaterThanOrEqual(1);
  expect((await till.payment()).status).toBe("authorized");
});

test("what was moved at the provider behind the shop's back is a difference", async () => {
  const till = shop.forOrder();
  await till.pay();
  await shop.provider.capture({ orderId: till.orderId, captureId: newId("cap"), amount: euros(1_000) }, never);
  const { differences } = await reconcile();
  expect(differences).toEqual([
    {
      orderId: till.orderId,
      ours: { held: 4_200, captured: 0, refunded: 0 },
      provider: { held: 3_200, captured: 1_000, refunded: 0 },
    },
  ]);
});

test("it goes on where it has ended when there was more than it may ask about", async () => {
  for (let count = 0; count < 3; count++) await shop.forOrder().pay();
  const all = await reconcile();
  const first = await reconcile({ since: start(), limit: 2 });
  expect(first).toMatchObject({ checked: 2, nextSince: expect.any(String) });
  const rest = await reconcile({ since: first.nextSince! });
  expect(first.checked + rest.checked).toBeGreaterThanOrEqual(all.checked);
  expect(rest.nextSince).toBeNull();
});
