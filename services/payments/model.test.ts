import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { money } from "../../lib/money.ts";
import { lifecycle, PaymentStatus } from "./contract.ts";
import { can, claimOn, isHopeless, nextFor, outcomeOf, type Payment, settlementBy } from "./model.ts";
import type { Booking } from "./provider.ts";

const amounts = fc.integer({ min: 0, max: 99_999_999 }).map((amount) => money(amount, "EUR"));
const reasons = fc.string({ minLength: 1 });

const payments: fc.Arbitrary<Payment> = fc.oneof(
  fc.record({ status: fc.constant("pending" as const), amount: amounts, token: reasons }),
  fc.record({ status: fc.constantFrom("authorized" as const, "captured" as const), amount: amounts }),
  fc.record({ status: fc.constantFrom("declined" as const, "failing" as const, "failed" as const), reason: reasons }),
  fc.record({ status: fc.constantFrom("voiding" as const, "voided" as const) }),
);

const bookings: fc.Arbitrary<Booking> = fc.oneof(
  fc.constant({ outcome: "nothing" as const }),
  fc.record({ outcome: fc.constantFrom("authorized" as const, "captured" as const), amount: amounts }),
  fc.record({ outcome: fc.constant("declined" as const), reason: reasons }),
  fc.record({ outcome: fc.constant("voided" as const), released: fc.option(amounts) }),
);

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

test("a pending payment becomes authorized if, and only if, the provider has the money", () => {
  fc.assert(
    fc.property(bookings, (booking) => {
      const hasMoney = booking.outcome === "authorized" || booking.outcome === "captured";
      expect(settlementBy(booking)?.status === "authorized").toBe(hasMoney);
    }),
  );
});

test("an order that the provider has not heard of is still open", () => {
  expect(settlementBy({ outcome: "nothing" })).toBeUndefined();
});

test("only an authorized payment is captured on confirmation", () => {
  fc.assert(
    fc.property(payments, (payment) => {
      expect(claimOn(payment).claim === "capture").toBe(payment.status === "authorized");
    }),
  );
  expect(claimOn(undefined)).toEqual({ claim: "unpaid" });
});

test("what has come to an end stays as it is", () => {
  const moves = Object.keys(lifecycle) as (keyof typeof lifecycle)[];
  const ends = PaymentStatus.options.filter((status) => moves.every((move) => !can(move, status)));
  expect(ends).toEqual(["captured", "declined", "failed", "voided"]);
});

test("a payment that is being voided or given up cannot be authorized any more", () => {
  expect(PaymentStatus.options.filter((status) => can("authorize", status))).toEqual(["pending"]);
});

test("the fourth failure is the last", () => {
  expect([0, 1, 3, 4, 5].map(isHopeless)).toEqual([false, false, false, true, true]);
});
