import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { money } from "../../lib/money.ts";
import { lifecycle, PaymentStatus } from "./contract.ts";
import {
  type Account,
  can,
  claimOn,
  inCurrencyOf,
  isHopeless,
  isSameStand,
  needsProvider,
  nextFor,
  outcomeOf,
  ownStand,
  pauseBefore,
  type Payment,
  refusalOf,
  roomFor,
  settlementBy,
  standOf,
} from "./model.ts";
import type { Booking } from "./provider.ts";

const amounts = fc.integer({ min: 0, max: 99_999_999 }).map((amount) => money(amount, "EUR"));
const reasons = fc.string({ minLength: 1 });
const booked = fc.array(fc.record({ id: reasons, amount: amounts }), { maxLength: 4 });

const payments: fc.Arbitrary<Payment> = fc.oneof(
  fc.record({ status: fc.constant("pending" as const), amount: amounts, token: reasons }),
  fc.record({ status: fc.constantFrom("authorized" as const, "captured" as const), amount: amounts }),
  fc.record({ status: fc.constantFrom("declined" as const, "failing" as const, "failed" as const), reason: reasons }),
  fc.record({ status: fc.constantFrom("voiding" as const, "voided" as const), amount: fc.option(amounts) }),
);

const bookings: fc.Arbitrary<Booking> = fc.oneof(
  fc.constant({ outcome: "nothing" as const }),
  fc.record({ outcome: fc.constant("authorized" as const), amount: amounts, captures: booked, refunds: booked }),
  fc.record({ outcome: fc.constant("declined" as const), reason: reasons }),
  fc.record({ outcome: fc.constant("voided" as const), released: fc.option(amounts), captures: booked, refunds: booked }),
);

const accounts: fc.Arbitrary<Account> = fc
  .tuple(fc.constantFrom(...PaymentStatus.options), fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 5, maxLength: 5 }))
  .map(([status, [refunded = 0, refunding = 0, kept = 0, capturing = 0, left = 0]]) => {
    const captured = refunded + refunding + kept;
    return { status, currency: "EUR", amount: captured + capturing + left, captured, capturing, refunded, refunding };
  });

const anAccount = (changes: Partial<Account> = {}): Account => ({
  status: "authorized",
  amount: 4_200,
  currency: "EUR",
  captured: 0,
  capturing: 0,
  refunded: 0,
  refunding: 0,
  ...changes,
});

test("money is asked for only while the payment is pending, and without a look at the books only by the first call", () => {
  fc.assert(
    fc.property(payments, fc.boolean(), (payment, isNew) => {
      const next = nextFor(payment, { isNew });
      expect(next.do === "send" || next.do === "find").toBe(payment.status === "pending");
      if (next.do === "send") expect(isNew).toBe(true);
    }),
  );
});

test("a decided payment is answered from what is known, and the answer is never unknown", () => {
  fc.assert(
    fc.property(payments, fc.boolean(), (payment, isNew) => {
      fc.pre(payment.status !== "pending" && payment.status !== "failing");
      const next = nextFor(payment, { isNew });
      expect(next).toEqual({ do: "answer", outcome: outcomeOf(payment) });
      expect(outcomeOf(payment).outcome).not.toBe("unknown");
    }),
  );
});

test("what is not decided is answered with unknown", () => {
  expect(outcomeOf({ status: "pending", amount: money(1, "EUR"), token: "tok_ok" })).toEqual({ outcome: "unknown" });
  expect(outcomeOf({ status: "failing", reason: "down" })).toEqual({ outcome: "unknown" });
  expect(nextFor({ status: "failing", reason: "down" }, { isNew: false })).toEqual({ do: "giveUp" });
});

test("a pending payment becomes authorized if, and only if, the provider holds the money", () => {
  fc.assert(
    fc.property(bookings, (booking) => {
      expect(settlementBy(booking)?.status === "authorized").toBe(booking.outcome === "authorized");
    }),
  );
});

test("an order that the provider has not heard of is still open", () => {
  expect(settlementBy({ outcome: "nothing" })).toBeUndefined();
});

test("only of an authorized payment with something left the rest is captured on confirmation", () => {
  fc.assert(
    fc.property(accounts, (account) => {
      expect(claimOn(account) === "capture").toBe(account.status === "authorized" && roomFor("capture", account) > 0);
    }),
  );
  expect(claimOn(undefined)).toBe("unpaid");
});

test("what has come to an end stays as it is", () => {
  const moves = Object.keys(lifecycle) as (keyof typeof lifecycle)[];
  const ends = PaymentStatus.options.filter((status) => moves.every((move) => !can(move, status)));
  expect(ends).toEqual(["declined", "failed", "voided"]);
});

test("a payment that is being voided or given up cannot be authorized or captured any more", () => {
  expect(PaymentStatus.options.filter((status) => can("authorize", status))).toEqual(["pending"]);
  expect(PaymentStatus.options.filter((status) => can("capture", status))).toEqual(["authorized"]);
});

test("the fourth failure is the last", () => {
  expect([0, 1, 3, 4, 5].map(isHopeless)).toEqual([false, false, false, true, true]);
});

test("what finds no room says why", () => {
  const [one, most] = [money(1, "EUR"), money(4_200, "EUR")];
  expect(refusalOf("capture", undefined, one)).toBe("nothing_authorized");
  expect(refusalOf("capture", anAccount({ status: "pending" }), one)).toBe("undecided");
  expect(refusalOf("refund", anAccount({ status: "failing" }), one)).toBe("undecided");
  expect(refusalOf("capture", anAccount({ status: "voiding" }), one)).toBe("voiding");
  expect(refusalOf("capture", anAccount({ status: "captured", captured: 4_200 }), one)).toBe("nothing_left");
  expect(refusalOf("refund", anAccount({ status: "voided" }), one)).toBe("voided");
  expect(refusalOf("capture", anAccount(), money(1, "USD"))).toBe("other_currency");
  expect(refusalOf("capture", anAccount({ capturing: 1 }), most)).toBe("amount_not_authorized");
  expect(refusalOf("refund", anAccount({ captured: 10, refunding: 10 }), one)).toBe("amount_not_captured");
  expect(refusalOf("capture", anAccount(), most)).toBeUndefined();
  expect(refusalOf("refund", anAccount({ captured: 4_200, status: "captured" }), most)).toBeUndefined();
});

test("an order that costs nothing needs no provider, one of which nothing is known does", () => {
  expect([money(0, "EUR"), money(1, "EUR"), null].map(needsProvider)).toEqual([false, true, true]);
});

test("the provider's stand and the shop's are compared in what is held, captured and refunded", () => {
  const movements = {
    captures: [{ id: "a", amount: money(3_000, "EUR") }],
    refunds: [{ id: "b", amount: money(500, "EUR") }],
  };
  const held = standOf({ outcome: "authorized", amount: money(4_200, "EUR"), ...movements });
  expect(held).toEqual({ held: 1_200, captured: 3_000, refunded: 500 });
  expect(standOf({ outcome: "voided", released: money(1_200, "EUR"), ...movements })).toEqual({ ...held, held: 0 });
  expect(standOf({ outcome: "nothing" })).toEqual({ held: 0, captured: 0, refunded: 0 });
  const ours = ownStand(anAccount({ captured: 3_000 }), { captured: 3_000, refunded: 500 });
  expect(isSameStand(ours, held)).toBe(true);
  expect(ownStand(anAccount({ status: "voided" }), { captured: 0, refunded: 0 }).held).toBe(0);
  for (const part of ["held", "captured", "refunded"] as const)
    expect(isSameStand(ours, { ...held, [part]: held[part] + 1 })).toBe(false);
});

test("the provider is asked six times within a minute, and then more rarely", () => {
  const times = Array.from({ length: 6 }, (_, index) => pauseBefore(index + 1)).reduce((sum, pause) => sum + pause, 0);
  expect(5_000 + times - pauseBefore(6)).toBeLessThan(60_000);
  expect(pauseBefore(0)).toBe(5_000);
  expect(pauseBefore(1_000)).toBe(300_000);
});

test("an amount is in its account's currency", () => {
  expect(inCurrencyOf({ currency: "KRW" }, 5)).toEqual(money(5, "KRW"));
});
