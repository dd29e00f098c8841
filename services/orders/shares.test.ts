import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { newOrders } from "./life.support.ts";
import { apply, type Life, type Line, rest } from "./model.ts";
import { dueWith, paidFor } from "./shares.ts";

const RUNS = { numRuns: 1_000 };

interface Shares {
  readonly paidFor: typeof paidFor;
  readonly dueWith: typeof dueWith;
}

const sum = (amounts: readonly number[]) => amounts.reduce((all, next) => all + next, 0);

/** Refunding the units of an order in any portions gives exactly what its lines have cost. */
const exactRefunds = ({ paidFor: paid }: Pick<Shares, "paidFor">) =>
  fc.property(newOrders, fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 12, maxLength: 12 }), (order, portions) => {
    let life: Life = { ...order, status: "confirmed", captured: order.total };
    const amounts: number[] = [];
    for (const portion of portions) {
      const [next] = rest(life, "refunded");
      if (!next) break;
      const lines = [{ sku: next.sku, quantity: Math.min(portion, next.quantity) }];
      const amount = paid(life, lines);
      amounts.push(amount);
      const line = (known: Line) =>
        known.sku === next.sku ? { ...known, refunded: known.refunded + lines[0]!.quantity } : known;
      life = { ...life, lines: life.lines.map(line) };
    }
    return (
      rest(life, "refunded").length > 0 ||
      (amounts.every((amount) => amount >= 0) && sum(amounts) === sum(order.lines.map((line) => line.paid)))
    );
  });

/** Capturing with each shipment, in any portions, takes exactly the total. */
const exactCaptures = ({ dueWith: due }: Pick<Shares, "dueWith">) =>
  fc.property(newOrders, fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 12, maxLength: 12 }), (order, portions) => {
    let life: Life = { ...order, status: "confirmed" };
    const amounts: number[] = [];
    for (const portion of portions) {
      const [next] = rest(life, "shipped");
      if (!next) break;
      const lines = [{ sku: next.sku, quantity: Math.min(portion, next.quantity) }];
      const amount = due(life, lines);
      amounts.push(amount);
      const after = apply(life, { move: "ship", id: String(amounts.length), lines });
      if ("refused" in after) return false;
      life = { ...after.life, captured: life.captured + amount };
    }
    return (
      amounts.length === 0 ||
      rest(life, "shipped").length > 0 ||
      (amounts.every((amount) => amount >= 0) && sum(amounts) === order.total)
    );
  });

test("refunds by lines add up to what was paid for them", () => {
  fc.assert(exactRefunds({ paidFor }), RUNS);
});

test("captures by shipments add up to the total", () => {
  fc.assert(exactCaptures({ dueWith }), RUNS);
});

describe("the sums go red when", () => {
  const rounded = ({ paid, quantity }: Line, units: number) => Math.round((paid * units) / quantity);

  test("each refund is rounded by itself", () => {
    const paidRounded: typeof paidFor = ({ lines }, parts) =>
      sum(
        parts.map(({ sku, quantity }) =>
          rounded(
            lines.find((line) => line.sku === sku)!,
            quantity,
          ),
        ),
      );
    expect(fc.check(exactRefunds({ paidFor: paidRounded }), RUNS).failed).toBe(true);
  });

  test("each capture is rounded by itself, and shipping goes with the first one", () => {
    const dueRounded: typeof dueWith = (life, parts) => {
      const forSending = life.captured === 0 ? life.total - sum(life.lines.map(({ paid }) => paid)) : 0;
      return (
        forSending +
        sum(
          parts.map(({ sku, quantity }) =>
            rounded(
              life.lines.find((line) => line.sku === sku)!,
              quantity,
            ),
          ),
        )
      );
    };
    expect(fc.check(exactCaptures({ dueWith: dueRounded }), RUNS).failed).toBe(true);
  });
});

test("the shares of a shipment and of a refund, by example", () => {
  const line = { sku: "BRICK", quantity: 3, paid: 1_000, requiresShipping: true, shipped: 0, returned: 0, refunded: 0 };
  const gift = { ...line, sku: "GIFT", quantity: 1, paid: 250, requiresShipping: false };
  const life: Life = { status: "confirmed", total: 1_740, captured: 0, refunded: 0, lines: [line, gift], shipments: [] };
  const one = [{ sku: "BRICK", quantity: 1 }];
  expect(paidFor(life, one)).toBe(334);
  expect(
    paidFor(life, [
      { sku: "BRICK", quantity: 2 },
      { sku: "GIFT", quantity: 1 },
    ]),
  ).toBe(917);
  expect(dueWith(life, one)).toBe(334 + 490);
  expect(dueWith({ ...life, captured: 800 }, one)).toBe(24);
  expect(dueWith({ ...life, captured: 1_000 }, one)).toBe(0);
  expect(dueWith(life, [{ sku: "BRICK", quantity: 3 }])).toBe(1_740);
});
