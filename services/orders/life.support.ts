import fc from "fast-check";
import type { Life, Line, Move } from "./model.ts";

const skus = ["BRICK", "PLATE", "GIFT"] as const;

const lineOf = (sku: string): fc.Arbitrary<Line> =>
  fc
    .record({
      quantity: fc.integer({ min: 1, max: 4 }),
      paid: fc.integer({ min: 0, max: 1_000 }),
      requiresShipping: fc.boolean(),
    })
    .map((given) => ({ sku, ...given, shipped: 0, returned: 0, refunded: 0 }));

/** Orders that were just placed, with one to three lines. */
export const newOrders: fc.Arbitrary<Life> = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.tuple(...skus.map(lineOf)), fc.integer({ min: 0, max: 500 }))
  .map(([count, lines, shipping]) => {
    const bought = lines.slice(0, count);
    const total = bought.reduce((sum, { paid }) => sum + paid, shipping);
    return { status: "pending", total, captured: 0, refunded: 0, lines: bought, shipments: [] };
  });

const some = (most: number) =>
  fc
    .tuple(...skus.map((sku) => fc.integer({ min: 0, max: most }).map((quantity) => ({ sku, quantity }))))
    .map((all) => all.filter(({ quantity }) => quantity > 0));
// Mostly what an order may well have, so that many moves go through.
const one = fc.record({ sku: fc.constantFrom(...skus), quantity: fc.integer({ min: 1, max: 2 }) }).map((part) => [part]);
const parts = fc.oneof({ weight: 4, arbitrary: one }, some(4));
const amount = fc.integer({ min: 0, max: 1_500 });
const ids = fc.uniqueArray(fc.integer({ min: 0, max: 5 }).map(String), { minLength: 1, maxLength: 2 });

/** Anything that could be asked of an order, wise or not. */
export const moves: fc.Arbitrary<Move> = fc.oneof(
  fc.constant<Move>({ move: "confirm" }),
  fc.constant<Move>({ move: "cancel", refunded: 0 }),
  { weight: 3, arbitrary: amount.map((of): Move => ({ move: "capture", amount: of })) },
  { weight: 6, arbitrary: fc.tuple(ids, parts).map(([[id], lines]): Move => ({ move: "ship", id: id!, lines })) },
  { weight: 4, arbitrary: ids.map((of): Move => ({ move: "deliver", ids: of })) },
  { weight: 4, arbitrary: parts.map((lines): Move => ({ move: "return", lines })) },
  { weight: 4, arbitrary: fc.tuple(amount, parts).map(([of, lines]): Move => ({ move: "refund", amount: of, lines })) },
  { weight: 3, arbitrary: amount.map((of): Move => ({ move: "refund", amount: of, lines: [] })) },
);

/** Orders that stand, each with what is asked of it one after the other. */
export const lives = fc.tuple(newOrders, fc.array(moves, { maxLength: 30 }));
