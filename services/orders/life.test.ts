import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { lives } from "./life.support.ts";
import { apply, type Life, type Line, type Move, statusesOf } from "./model.ts";

interface Rules {
  readonly apply: typeof apply;
  readonly statusesOf: typeof statusesOf;
}
const rules: Rules = { apply, statusesOf };

const isWithin = (least: number, value: number, most: number) => least <= value && value <= most;
const isAll = (lines: readonly Line[], counter: "shipped" | "returned") =>
  lines.length > 0 && lines.every((line) => line[counter] === line.quantity);

/** What holds for an order at any time, said without the rules. */
function isSound(life: Life, { statusesOf: statuses }: Rules): boolean {
  const { status, paymentStatus, fulfilmentStatus } = statuses(life);
  const sendable = life.lines.filter(({ requiresShipping }) => requiresShipping);
  const isOut = isAll(sendable, "shipped");
  const isThere = isOut && life.shipments.every(({ isDelivered }) => isDelivered);
  const isBack = isOut && isAll(sendable, "returned");
  const isOpen = status === "pending" || status === "cancelled";
  return [
    status === life.status,
    life.lines.every((line) => isWithin(0, line.shipped, line.requiresShipping ? line.quantity : 0)),
    life.lines.every((line) => isWithin(0, line.returned, line.shipped) && isWithin(0, line.refunded, line.quantity)),
    isWithin(0, life.captured, life.total) && isWithin(0, life.refunded, life.captured),
    !isOpen || life.shipments.length === 0,
    isOpen || (status === "delivered") === isThere,
    isOpen || (status === "shipped") === (isOut && !isThere),
    (fulfilmentStatus === "returned") === isBack,
    (fulfilmentStatus === "unfulfilled") === !isOut,
    (paymentStatus === "refunded") === (life.refunded > 0 && life.refunded === life.captured),
    (paymentStatus === "partially_refunded") === (life.refunded > 0 && life.refunded < life.captured),
  ].every(Boolean);
}

const isUndone = (before: Life, after: Life): boolean =>
  after.captured < before.captured ||
  after.refunded < before.refunded ||
  after.shipments.length < before.shipments.length ||
  before.status === "cancelled" ||
  after.status === "pending";

/** Whatever is asked of an order in whatever sequence, it stays sound, and nothing that has happened is undone. */
const soundLives = (given: Rules) =>
  fc.property(lives, ([placed, asked]) => {
    let life = placed;
    for (const move of [{ move: "confirm" } as const, ...asked]) {
      const after = given.apply(life, move);
      if ("refused" in after) continue;
      if (isUndone(life, after.life) || !isSound(after.life, given)) return false;
      life = after.life;
    }
    return true;
  });

const RUNS = { numRuns: 1_000 };

test("an order stays sound through any sequence of moves", () => {
  fc.assert(soundLives(rules), RUNS);
});

/** The rules with one move made without looking. */
const careless = (kind: Move["move"], change: (life: Life, move: never) => Life): Rules => ({
  ...rules,
  apply: (life, move) =>
    move.move === kind && life.status !== "pending" ? { life: change(life, move as never) } : apply(life, move),
});

const mutants: Record<string, Rules> = {
  "a cancelled order may be captured": careless("capture", (life, { amount }: { amount: number }) =>
    life.captured + amount <= life.total ? { ...life, captured: life.captured + amount } : life,
  ),
  "more is captured than was authorized": careless("capture", (life, { amount }: { amount: number }) => ({
    ...life,
    captured: life.captured + amount,
  })),
  "refunds are measured against the total": careless("refund", (life, { amount }: { amount: number }) =>
    life.refunded + amount <= life.total ? { ...life, refunded: life.refunded + amount } : life,
  ),
  "a sent order may be cancelled": careless("cancel", (life) => ({ ...life, status: "cancelled" })),
  "more comes back than was sent": careless(
    "return",
    (life, { lines }: { lines: readonly { sku: string; quantity: number }[] }) => ({
      ...life,
      lines: life.lines.map((line) => ({
        ...line,
        returned: Math.min(line.quantity, line.returned + (lines.find(({ sku }) => sku === line.sku)?.quantity ?? 0)),
      })),
    }),
  ),
  "an order is delivered with its first shipment": {
    ...rules,
    statusesOf: (life) => {
      const statuses = statusesOf(life);
      return statuses.status === "shipped" && life.shipments.some(({ isDelivered }) => isDelivered)
        ? { ...statuses, status: "delivered" }
        : statuses;
    },
  },
  "an order is shipped with its first shipment": {
    ...rules,
    statusesOf: (life) => {
      const statuses = statusesOf(life);
      return statuses.status === "confirmed" && life.shipments.length > 0 ? { ...statuses, status: "shipped" } : statuses;
    },
  },
  "every refund counts as a full one": {
    ...rules,
    statusesOf: (life) => ({ ...statusesOf(life), ...(life.refunded > 0 && { paymentStatus: "refunded" as const }) }),
  },
};

describe("the property goes red when", () => {
  test.each(Object.keys(mutants))("%s", (name) => {
    expect(fc.check(soundLives(mutants[name]!), { ...RUNS, numRuns: 5_000 }).failed).toBe(true);
  });
});
