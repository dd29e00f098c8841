import { expect, test } from "@jest/globals";
import { lifecycle, OrderStatus } from "./contract.ts";
import { allowed, apply, type Life, may, type Move, type MoveName, refusalTo, statusesOf } from "./model.ts";

const line = { quantity: 2, paid: 1_000, requiresShipping: true, shipped: 0, returned: 0, refunded: 0 };
const order: Life = {
  status: "confirmed",
  total: 2_490,
  captured: 2_490,
  refunded: 0,
  lines: [{ ...line, sku: "BRICK" }, { ...line, sku: "GIFT", requiresShipping: false }],
  shipments: [],
}; // prettier-ignore

/** The order after these moves, none of which may be refused. */
const after = (...moves: Move[]): Life =>
  moves.reduce((life, move) => {
    const next = apply(life, move);
    if ("refused" in next) throw new Error(next.refused);
    return next.life;
  }, order);

const bricks = (quantity: number) => [{ sku: "BRICK", quantity }];
const ship = (id: string, quantity: number): Move => ({ move: "ship", id, lines: bricks(quantity) });
const deliver = (...ids: string[]): Move => ({ move: "deliver", ids });

test("an order moves as its table says and no other way", () => {
  const moves = Object.keys(lifecycle) as MoveName[];
  const all = moves.flatMap((move) =>
    OrderStatus.options.filter((status) => may(move, status)).map((status) => `${status} ${move}`),
  );
  expect(all).toEqual([
    "pending confirm",
    "pending cancel",
    "confirmed cancel",
    "confirmed capture",
    "shipped capture",
    "delivered capture",
    "confirmed ship",
    "confirmed deliver",
    "shipped deliver",
    "confirmed return",
    "shipped return",
    "delivered return",
    "confirmed refund",
    "shipped refund",
    "delivered refund",
  ]);
});

test("a move that the life cycle forbids is refused with what it allows", () => {
  const delivered = after(ship("1", 2), deliver("1"));
  expect(refusalTo(delivered, { move: "cancel", refunded: 0 })).toBe(
    "An order that is delivered cannot be cancelled. It allows: capture, return, refund.",
  );
  const cancelled = after({ move: "cancel", refunded: 0 });
  expect(refusalTo(cancelled, ship("1", 1))).toBe("An order that is cancelled cannot be shipped. It allows: nothing.");
  expect(allowed("pending")).toEqual(["cancel"]);
});

test.each<[string, Life, Move, string]>([
  ["more than was bought", order, ship("1", 3), "At most 2 of BRICK"],
  ["what is not sent", order, { move: "ship", id: "1", lines: [{ sku: "GIFT", quantity: 1 }] }, "At most 0 of GIFT"],
  ["what was not bought", order, { move: "ship", id: "1", lines: [{ sku: "PLATE", quantity: 1 }] }, "no line PLATE"],
  ["a line twice", order, { move: "ship", id: "1", lines: [...bricks(1), ...bricks(1)] }, "named twice"],
  ["nothing", order, { move: "ship", id: "1", lines: [] }, "Nothing is left to be shipped"],
  ["what did not leave", order, { move: "return", lines: bricks(1) }, "At most 0 of BRICK"],
  ["a cancellation after a shipment", after(ship("1", 1)), { move: "cancel", refunded: 0 }, "was sent"],
  ["a capture of what is captured", order, { move: "capture", amount: 1 }, "Nothing is left to be captured"],
  ["too large a capture", { ...order, captured: 2_000 }, { move: "capture", amount: 491 }, "At most 490"],
  ["too large a refund", order, { move: "refund", amount: 2_491, lines: [] }, "At most 2490"],
  ["a refund of nothing", order, { move: "refund", amount: 0, lines: bricks(1) }, "nothing to be refunded for these"],
  ["a refund of units that are gone", order, { move: "refund", amount: 1, lines: bricks(3) }, "At most 2 of BRICK"],
  ["a delivery of nothing", order, deliver(), "No shipment is on its way"],
  ["a delivery of a stranger", order, deliver("9"), "no shipment 9"],
  ["a second delivery", after(ship("1", 1), deliver("1")), deliver("1"), "has arrived already"],
])("%s is refused", (_what, life, move, why) => {
  expect(apply(life, move)).toEqual({ refused: expect.stringContaining(why) });
});

test("an order is shipped when all of it was sent, and delivered when all of it has arrived", () => {
  const statusAfter = (...moves: Move[]) => statusesOf(after(...moves));
  expect(statusAfter()).toEqual({ status: "confirmed", paymentStatus: "captured", fulfilmentStatus: "unfulfilled" });
  expect(statusAfter(ship("1", 1))).toMatchObject({ status: "confirmed", fulfilmentStatus: "unfulfilled" });
  expect(statusAfter(ship("1", 1), deliver("1"))).toMatchObject({ status: "confirmed", fulfilmentStatus: "unfulfilled" });
  expect(statusAfter(ship("1", 1), deliver("1"), ship("2", 1))).toMatchObject({ status: "shipped", fulfilmentStatus: "shipped" });
  const arrived = [ship("1", 1), ship("2", 1), deliver("1", "2")];
  expect(statusAfter(...arrived)).toMatchObject({ status: "delivered", fulfilmentStatus: "delivered" });
  expect(statusAfter(...arrived, { move: "return", lines: bricks(2) })).toMatchObject({
    status: "delivered",
    fulfilmentStatus: "returned",
  });
});

test("an order's payment is called by what has happened to its money", () => {
  const statusOf = (life: Partial<Life>) => statusesOf({ ...order, ...life }).paymentStatus;
  expect(statusOf({ status: "pending", captured: 0 })).toBe("pending");
  expect(statusOf({ captured: 0 })).toBe("authorized");
  expect(statusOf({ captured: 1 })).toBe("captured");
  expect(statusOf({ refunded: 1 })).toBe("partially_refunded");
  expect(statusOf({ refunded: 2_490 })).toBe("refunded");
  expect(statusOf({ status: "cancelled", captured: 0 })).toBe("voided");
  expect(statusesOf(after({ move: "cancel", refunded: 2_490 }))).toMatchObject({
    status: "cancelled",
    paymentStatus: "refunded",
  });
});

test("an order of which nothing has to be sent stays confirmed", () => {
  const gift: Life = { ...order, lines: [order.lines[1]!] };
  expect(statusesOf(gift)).toMatchObject({ status: "confirmed", fulfilmentStatus: "unfulfilled" });
  expect(refusalTo(gift, { move: "ship", id: "1", lines: [] })).toContain("Nothing is left");
});

test("a confirmation and a capture go through", () => {
  expect(apply({ ...order, status: "pending", captured: 0 }, { move: "confirm" })).toMatchObject({
    life: { status: "confirmed" },
  });
  expect(apply({ ...order, captured: 0 }, { move: "capture", amount: 490 })).toMatchObject({ life: { captured: 490 } });
  expect(after({ move: "refund", amount: 1_000, lines: bricks(2) })).toMatchObject({
    refunded: 1_000,
    lines: [{ refunded: 2 }, { refunded: 0 }],
  });
});
