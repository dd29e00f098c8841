import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { faultCode } from "../../lib/fault.ts";
import { idFor, newId } from "../../lib/ids.ts";
import { money } from "../../lib/money.ts";
import { scratchDatabase, type ScratchDatabase } from "../../test/support/database.ts";
import { eventually } from "../../test/support/eventually.ts";
import { silent } from "../../test/support/logs.ts";
import { authorizePayment } from "./authorize.ts";
import { type Command, commands, ModelPayment } from "./books.support.ts";
import { giveBackPayment } from "./give-back.ts";
import { bookedOf, findBalances } from "./ledger-store.ts";
import { move } from "./movement.ts";
import { kernel, price, type Shop, startShop } from "./payments.support.ts";
import type { Provider } from "./provider.ts";
import { sandbox } from "./sandbox/sandbox.ts";
import { findEntries } from "./sandbox/store.ts";
import { settleOrder } from "./settle.ts";
import { findAccount } from "./store.ts";
import type { Till } from "./till.ts";
import { voidPayment } from "./void-authorization.ts";

let shop: Shop;
let database: ScratchDatabase;
let books: Provider;

beforeAll(async () => {
  [shop, database] = await Promise.all([startShop({ capture: "shipment" }), scratchDatabase("payments")]);
  books = sandbox({ sql: database.sql, webhookKey: Buffer.alloc(32) });
});
afterAll(async () => {
  await shop[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const tillWith = (provider: Provider, patience = 5_000): Till => ({ db: database, log: silent, provider, patience });
const euros = (amount: number) => money(amount, "EUR");
const sum = (entries: readonly { type: string; amount: number }[], wanted: string) =>
  entries.filter(({ type }) => type === wanted).reduce((total, { amount }) => total + amount, 0);

test("an order is captured in parts, and the same part once", async () => {
  const till = shop.forOrder();
  await till.pay();
  const [first, second] = [newId("cap"), newId("cap")];
  expect(await Promise.all([till.take(1_200, first), till.take(1_200, first), till.take(1_200, first)])).toEqual(
    Array.from({ length: 3 }, () => ({ outcome: "captured" })),
  );
  expect(await till.take(3_001)).toEqual({ outcome: "refused", reason: "amount_not_authorized" });
  expect(await till.take(100, newId("cap"), "USD")).toEqual({ outcome: "refused", reason: "other_currency" });
  expect(await till.payment()).toMatchObject({ status: "authorized", captured: euros(1_200) });
  expect(await till.take(3_000, second)).toEqual({ outcome: "captured" });
  expect(await till.payment()).toMatchObject({ status: "captured", authorized: price, captured: price, refunded: euros(0) });
  expect(await till.take(1)).toEqual({ outcome: "refused", reason: "nothing_left" });
  expect(await till.ledger()).toEqual([
    ["authorize", 4_200],
    ["capture", 1_200],
    ["capture", 3_000],
  ]);
  expect(await till.announced()).toMatchObject([
    { type: "payments.captured", captureId: first, amount: euros(1_200), captured: euros(1_200) },
    { type: "payments.captured", captureId: second, amount: euros(3_000), captured: price },
  ]);
});

test("captures at one instant never come to more than was authorized", async () => {
  const till = shop.forOrder();
  await till.pay();
  const answers = await Promise.all(Array.from({ length: 10 }, () => till.take(1_000)));
  expect(answers.filter(({ outcome }) => outcome === "captured")).toHaveLength(4);
  expect(await till.ledger()).toHaveLength(5);
});

test("a refused capture is refused again, also when there would be room by then", async () => {
  const till = shop.forOrder();
  const captureId = newId("cap");
  expect(await till.take(1, captureId)).toEqual({ outcome: "refused", reason: "nothing_authorized" });
  await till.pay();
  expect(await till.take(1, captureId)).toEqual({ outcome: "refused", reason: "nothing_authorized" });
});

test("what was captured is refunded in parts, never more, and each part once", async () => {
  const till = shop.forOrder();
  await till.pay();
  await till.take(2_000);
  const refundId = newId("rfd");
  const [one, same, other] = await Promise.all([
    till.giveSome(1_500, refundId),
    till.giveSome(1_500, refundId),
    till.giveSome(1_500),
  ]);
  expect(same).toEqual(one);
  // Whichever came first has taken the room.
  expect([one.outcome, other.outcome].toSorted()).toEqual(["refunded", "refused"]);
  expect(await till.giveSome(501)).toEqual({ outcome: "refused", reason: "amount_not_captured" });
  expect(await till.giveSome(500)).toEqual({ outcome: "refunded" });
  expect(await till.payment()).toMatchObject({ captured: euros(2_000), refunded: euros(2_000), status: "authorized" });
  const events = (await till.announced()).filter(({ type }) => type === "payments.refunded");
  expect(events).toHaveLength(2);
  expect(events[1]).toMatchObject({ refunded: euros(2_000), amount: euros(500) });
});

test("a capture of a payment that is not decided is not decided either", async () => {
  const till = shop.forOrder();
  expect(await till.pay("tok_error")).toEqual({ outcome: "unknown" });
  const captureId = newId("cap");
  expect(await till.take(100, captureId)).toEqual({ outcome: "unknown" });
  expect(await till.pay("tok_error")).toEqual({ outcome: "unknown" });
  expect((await till.payment()).captures).toEqual([]);
});

test("an order that costs nothing is paid for without a provider, and given back without one", async () => {
  const till = shop.forOrder();
  expect(await till.pay("tok_declined", euros(0))).toEqual({ outcome: "authorized" });
  expect(await till.take(1)).toEqual({ outcome: "refused", reason: "amount_not_authorized" });
  expect(await till.giveBack()).toEqual({ outcome: "given_back", refunded: null });
  expect(await till.payment()).toMatchObject({ status: "voided", authorized: euros(0) });
  expect(await till.ledger()).toEqual([]);
  const other = shop.forOrder();
  await other.pay("tok_ok", euros(0));
  expect(await other.cancel()).toEqual({ outcome: "voided" });
});

test("giving back voids what is left and refunds what was captured and not refunded yet, once", async () => {
  const till = shop.forOrder();
  await till.pay();
  await till.take(3_000);
  await till.giveSome(500);
  const answers = await Promise.all([till.giveBack(), till.giveBack(), till.giveBack(newId("rfd"))]);
  for (const answer of [...answers, await till.giveBack()]) {
    expect([{ outcome: "given_back", refunded: euros(2_500) }, { outcome: "unknown" }]).toContainEqual(answer);
  }
  expect(await till.giveBack()).toEqual({ outcome: "given_back", refunded: euros(2_500) });
  const entries = asEntries(await till.ledger());
  expect([sum(entries, "capture"), sum(entries, "refund"), sum(entries, "void")]).toEqual([3_000, 3_000, 1_200]);
  expect(await till.take(1)).toEqual({ outcome: "refused", reason: "voided" });
  expect(await till.giveSome(1)).toEqual({ outcome: "refused", reason: "voided" });
  expect(await till.pay()).toEqual({ outcome: "voided" });
  expect((await till.announced()).map(({ type }) => type)).toEqual([
    "payments.captured",
    "payments.refunded",
    "payments.refunded",
    "payments.voided",
  ]);
});

test("what arrives after it was given back is refused, even when nothing was known of the order", async () => {
  const till = shop.forOrder();
  expect(await till.giveBack()).toEqual({ outcome: "given_back", refunded: null });
  expect(await till.pay()).toEqual({ outcome: "voided" });
  expect(await till.take(1)).toMatchObject({ outcome: "refused" });
  expect(await till.payment()).toMatchObject({ status: "voided", authorized: null, captured: null });
  expect(await till.ledger()).toEqual([]);
});

test("a payment of which something is captured is not voided, but given back", async () => {
  const till = shop.forOrder();
  await till.pay();
  await till.take(1);
  expect(faultCode(await till.cancel().catch((error: unknown) => error))).toBe("conflict");
});

const asEntries = (ledger: readonly (readonly (string | number)[])[]) =>
  ledger.map(([type, amount]) => ({ type: String(type), amount: Number(amount) }));

test("cancelled and captured at the same instant, twenty times: what was taken is given back, and never twice", async () => {
  await using capturing = await startShop({ capture: "confirmation" });
  const tills = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const till = capturing.forOrder();
      await till.pay();
      const confirming = till.confirm();
      // Half of them are cancelled just when their capture has begun, the others may be before it.
      if (index % 2 === 0) await eventually(async () => expect((await till.payment()).captures).toHaveLength(1));
      await Promise.all([confirming, till.giveBack(), till.giveBack()]);
      await eventually(async () => expect(await till.giveBack()).toMatchObject({ outcome: "given_back" }));
      return till;
    }),
  );
  await eventually(async () => {
    const { cursors, sagas } = await capturing.call(kernel.cursors, {});
    expect(cursors).toMatchObject([{ feed: "orders", position: 20, retrying: 0 }]);
    expect({ running: 0, compensating: 0, compensated: 0, stuck: 0, ...sagas }).toMatchObject({
      running: 0,
      compensating: 0,
      compensated: 0,
      stuck: 0,
    });
  });
  const outcomes = await Promise.all(
    tills.map(async (till) => {
      const entries = asEntries(await till.ledger());
      const [taken, given, released] = ["capture", "refund", "void"].map((type) => sum(entries, type));
      expect([taken, given, released]).toEqual([taken, taken, 4_200 - taken!]);
      expect(await till.payment()).toMatchObject({ status: "voided", captured: euros(taken!), refunded: euros(taken!) });
      return taken;
    }),
  );
  expect(new Set([...outcomes, 0, 4_200])).toEqual(new Set([0, 4_200]));
}, 90_000);

test("of a capture and a cancellation at the same instant the database decides, whoever was asked first", async () => {
  const play = async (delays: readonly [number, number]) => {
    const orderId = newId("ord");
    const till = tillWith(books);
    await authorizePayment(till, { orderId, amount: price, token: "tok_ok" });
    const capture = { id: newId("cap"), orderId, kind: "capture" as const, amount: price };
    const back = { refundId: newId("rfd"), reason: "cancelled" };
    await Promise.all([
      pause(delays[0]).then(() => move(till, capture)),
      pause(delays[1]).then(() => giveBackPayment(till, orderId, back)),
    ]);
    await eventually(async () => expect((await giveBackPayment(till, orderId, back)).outcome).toBe("given_back"));
    const verdict = await move(till, capture);
    const entries = await findEntries(database.sql, orderId);
    expect([sum(entries, "capture"), sum(entries, "refund")]).toEqual(verdict.outcome === "done" ? [4_200, 4_200] : [0, 0]);
    expect(await bookedOf(database.sql, orderId)).toEqual({
      captured: sum(entries, "capture"),
      refunded: sum(entries, "refund"),
    });
    return verdict.outcome;
  };
  const outcomes: string[] = [];
  for (let round = 0; round < 20; round++) outcomes.push(await play([round < 10 ? 10 - round : 0, round < 10 ? 0 : round - 10]));
  expect(outcomes).toHaveLength(20);
}, 60_000);

/** Loses the answers of captures and refunds after they were booked, so many times. */
function forgetful(lost: number): Provider & { sent: string[] } {
  const sent: string[] = [];
  const lose = async <T>(id: string, answer: Promise<T>): Promise<T> => {
    sent.push(id);
    const result = await answer;
    if (lost-- > 0) throw new Error("The answer was lost.");
    return result;
  };
  return {
    ...books,
    sent,
    capture: (given, signal) => lose(given.captureId, books.capture(given, signal)),
    refund: (given, signal) => lose(given.refundId, books.refund(given, signal)),
  };
}

test("a capture or refund whose answer was lost is asked about and not sent again", async () => {
  const orderId = newId("ord");
  await authorizePayment(tillWith(books), { orderId, amount: price, token: "tok_ok" });
  const provider = forgetful(1);
  const capture = { id: newId("cap"), orderId, kind: "capture" as const, amount: euros(1_000) };
  expect(await move(tillWith(provider), capture)).toEqual({ outcome: "unknown" });
  expect(await move(tillWith(provider), capture)).toEqual({ outcome: "done" });
  expect(provider.sent).toEqual([capture.id]);
  const again = forgetful(1);
  const refund = { id: newId("rfd"), orderId, kind: "refund" as const, amount: euros(400) };
  expect(await move(tillWith(again), refund)).toEqual({ outcome: "unknown" });
  expect(await settleOrder(tillWith(again), orderId)).toBe(true);
  expect(again.sent).toEqual([refund.id]);
  expect(await bookedOf(database.sql, orderId)).toEqual({ captured: 1_000, refunded: 400 });
});

test("a capture that never reached the provider is refused when the payment is given back first", async () => {
  const orderId = newId("ord");
  await authorizePayment(tillWith(books), { orderId, amount: price, token: "tok_ok" });
  const deaf: Provider = { ...books, capture: () => Promise.reject(new Error("The request was lost.")) };
  const capture = { id: newId("cap"), orderId, kind: "capture" as const, amount: price };
  expect(await move(tillWith(deaf), capture)).toEqual({ outcome: "unknown" });
  const back = { refundId: newId("rfd"), reason: "cancelled" };
  expect(await giveBackPayment(tillWith(books), orderId, back)).toEqual({ outcome: "given_back", refunded: null });
  expect(await move(tillWith(books), capture)).toEqual({ outcome: "refused", reason: "voided" });
  expect((await findEntries(database.sql, orderId)).map(({ type }) => type)).toEqual(["authorize", "void"]);
});

test("a capture whose answer was lost is found and refunded when the payment is given back", async () => {
  const orderId = newId("ord");
  await authorizePayment(tillWith(books), { orderId, amount: price, token: "tok_ok" });
  const capture = { id: newId("cap"), orderId, kind: "capture" as const, amount: euros(3_000) };
  expect(await move(tillWith(forgetful(1)), capture)).toEqual({ outcome: "unknown" });
  const back = { refundId: newId("rfd"), reason: "cancelled" };
  // Its own refund gets lost, too, and is found the next time.
  const provider = forgetful(1);
  expect(await giveBackPayment(tillWith(provider), orderId, back)).toEqual({ outcome: "unknown" });
  expect(await giveBackPayment(tillWith(provider), orderId, back)).toEqual({ outcome: "given_back", refunded: euros(3_000) });
  expect(provider.sent).toEqual([back.refundId]);
  expect((await findEntries(database.sql, orderId)).map(({ type }) => type)).toEqual(["authorize", "capture", "void", "refund"]);
});

test("a refund that the provider refuses keeps the payment from being given back, until it no longer does", async () => {
  const orderId = newId("ord");
  await authorizePayment(tillWith(books), { orderId, amount: price, token: "tok_ok" });
  await move(tillWith(books), { id: newId("cap"), orderId, kind: "capture", amount: price });
  const stubborn: Provider = { ...books, refund: async () => ({ outcome: "refused", reason: "disputed" }) };
  const back = { refundId: newId("rfd"), reason: "cancelled" };
  expect(await giveBackPayment(tillWith(stubborn), orderId, back)).toEqual({ outcome: "unknown" });
  expect(await settleOrder(tillWith(stubborn), orderId)).toBe(false);
  expect(await giveBackPayment(tillWith(books), orderId, back)).toEqual({ outcome: "given_back", refunded: price });
});

async function perform(orderId: string, command: Command): Promise<string> {
  const till = tillWith(books);
  switch (command.do) {
    case "authorize":
      return (await authorizePayment(till, { orderId, amount: euros(command.amount), token: "tok_ok" })).outcome;
    case "capture":
    case "refund": {
      const id = idFor(command.do === "capture" ? "cap" : "rfd", `${orderId}:${command.id}`);
      const verdict = await move(till, { id, orderId, kind: command.do, amount: euros(command.amount) });
      return verdict.outcome === "done" ? `${command.do === "capture" ? "capture" : "refunde"}d` : verdict.outcome;
    }
    case "void":
      return voidPayment(till, orderId).then(
        ({ outcome }) => outcome,
        (error: unknown) => String(faultCode(error)),
      );
    case "giveBack":
      return (await giveBackPayment(till, orderId, { refundId: idFor("rfd", orderId), reason: "cancelled" })).outcome;
  }
}

test("the shop answers and books as the rules say, whatever is asked for", async () => {
  const property = fc.asyncProperty(commands, async (all) => {
    const orderId = newId("ord");
    const model = new ModelPayment();
    for (const command of all) expect([command, await perform(orderId, command)]).toEqual([command, model.do(command)]);
    const { captured = 0, refunded = 0 } = model.account ?? {};
    expect(await bookedOf(database.sql, orderId)).toEqual({ captured, refunded });
    const entries = await findEntries(database.sql, orderId);
    expect([sum(entries, "capture"), sum(entries, "refund")]).toEqual([captured, refunded]);
    expect((await findAccount(database.sql, orderId))?.status).toBe(model.account?.status);
  });
  await fc.assert(property, { numRuns: 60 });
  const balances = await findBalances(database.sql);
  expect(balances.reduce((difference, { balance }) => difference + balance, 0)).toBe(0);
}, 120_000);
