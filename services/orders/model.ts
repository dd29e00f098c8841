import { lifecycle, type Order, type OrderStatus } from "./contract.ts";

export type MoveName = keyof typeof lifecycle;

/** Whether the life cycle knows the move from this state. */
export const may = (move: MoveName, status: OrderStatus): boolean => (lifecycle[move] as readonly OrderStatus[]).includes(status);

export interface Part {
  readonly sku: string;
  readonly quantity: number;
}

/** A line as far as its life goes. `paid` is what the buyer pays for all of it. */
export interface Line extends Part {
  readonly requiresShipping: boolean;
  readonly paid: number;
  readonly shipped: number;
  readonly returned: number;
  readonly refunded: number;
}

/** An order as far as its life goes. Amounts are in minor units of its one currency. */
export interface Life {
  readonly status: OrderStatus;
  readonly total: number;
  readonly captured: number;
  readonly refunded: number;
  readonly lines: readonly Line[];
  readonly shipments: readonly { readonly id: string; readonly isDelivered: boolean }[];
}

export type Move =
  | { readonly move: "confirm" }
  /** `refunded` is what had been captured and went back. */
  | { readonly move: "cancel"; readonly refunded: number }
  | { readonly move: "capture"; readonly amount: number }
  | { readonly move: "ship"; readonly id: string; readonly lines: readonly Part[] }
  | { readonly move: "deliver"; readonly ids: readonly string[] }
  | { readonly move: "return"; readonly lines: readonly Part[] }
  | { readonly move: "refund"; readonly amount: number; readonly lines: readonly Part[] };

type Counter = "shipped" | "returned" | "refunded";

/** How much of a line is left that a move may still take. */
const LEFT: Record<Counter, (line: Line) => number> = {
  shipped: (line) => (line.requiresShipping ? line.quantity - line.shipped : 0),
  returned: (line) => line.shipped - line.returned,
  refunded: (line) => line.quantity - line.refunded,
};

/** All that is left of each line. */
export const rest = ({ lines }: Life, counter: Counter): Part[] =>
  lines.map((line) => ({ sku: line.sku, quantity: LEFT[counter](line) })).filter(({ quantity }) => quantity > 0);

/** Why an order may not make a move; undefined when it may. */
export function refusalTo(life: Life, move: Move): string | undefined {
  if (!may(move.move, life.status)) return forbidden(life.status, move.move);
  switch (move.move) {
    case "confirm":
      return undefined;
    case "cancel":
      return life.shipments.length > 0 ? "A part of this order was sent, so it cannot be cancelled." : undefined;
    case "capture":
      return tooMuch("captured", move.amount, life.total - life.captured);
    case "ship":
      return tooMany(life, "shipped", move.lines);
    case "deliver":
      return undeliverable(life, move.ids);
    case "return":
      return tooMany(life, "returned", move.lines);
    case "refund":
      return (
        (move.lines.length > 0 ? tooMany(life, "refunded", move.lines) : undefined) ??
        tooMuch("refunded", move.amount, life.captured - life.refunded)
      );
  }
}

const PARTICIPLES = {
  confirm: "confirmed",
  cancel: "cancelled",
  capture: "captured",
  ship: "shipped",
  deliver: "delivered",
  return: "returned",
  refund: "refunded",
} as const satisfies Record<MoveName, string>;

/** What the administration may ask of an order in this state. */
export const allowed = (status: OrderStatus): MoveName[] =>
  (Object.keys(lifecycle) as MoveName[]).filter((move) => move !== "confirm" && may(move, status));

function forbidden(status: OrderStatus, move: MoveName): string {
  const moves = allowed(status);
  return `An order that is ${status} cannot be ${PARTICIPLES[move]}. It allows: ${moves.length > 0 ? moves.join(", ") : "nothing"}.`;
}

function tooMuch(participle: string, amount: number, left: number): string | undefined {
  if (left <= 0) return `Nothing is left to be ${participle}.`;
  if (amount <= 0) return `There is nothing to be ${participle} for these.`;
  return amount > left ? `At most ${left} can be ${participle}, and ${amount} was asked for.` : undefined;
}

function tooMany(life: Life, counter: Counter, parts: readonly Part[]): string | undefined {
  if (parts.length === 0) return `Nothing is left to be ${counter}.`;
  for (const { sku, quantity } of parts) {
    const line = life.lines.find((known) => known.sku === sku);
    if (!line) return `This order has no line ${sku}.`;
    const left = LEFT[counter](line);
    if (quantity > left) return `At most ${left} of ${sku} can be ${counter}, and ${quantity} were asked for.`;
  }
  return new Set(parts.map(({ sku }) => sku)).size < parts.length ? "A line is named twice." : undefined;
}

function undeliverable({ shipments }: Life, ids: readonly string[]): string | undefined {
  if (ids.length === 0) return "No shipment is on its way.";
  for (const id of ids) {
    const shipment = shipments.find((known) => known.id === id);
    if (!shipment) return `This order has no shipment ${id}.`;
    if (shipment.isDelivered) return `The shipment ${id} has arrived already.`;
  }
  return undefined;
}

/** The order after a move that nothing forbids. */
export function apply(life: Life, move: Move): { readonly life: Life } | { readonly refused: string } {
  const refused = refusalTo(life, move);
  if (refused !== undefined) return { refused };
  const changed = change(life, move);
  return { life: { ...changed, status: statusesOf(changed).status } };
}

function change(life: Life, move: Move): Life {
  switch (move.move) {
    case "confirm":
      return { ...life, status: "confirmed" };
    case "cancel":
      return { ...life, status: "cancelled", refunded: life.refunded + move.refunded };
    case "capture":
      return { ...life, captured: life.captured + move.amount };
    case "ship":
      return { ...count(life, "shipped", move.lines), shipments: [...life.shipments, { id: move.id, isDelivered: false }] };
    case "deliver":
      return {
        ...life,
        shipments: life.shipments.map((shipment) =>
          move.ids.includes(shipment.id) ? { ...shipment, isDelivered: true } : shipment,
        ),
      };
    case "return":
      return count(life, "returned", move.lines);
    case "refund":
      return { ...count(life, "refunded", move.lines), refunded: life.refunded + move.amount };
  }
}

/** The order with more counted of some lines. */
export const count = (life: Life, counter: Counter, parts: readonly Part[]): Life => ({
  ...life,
  lines: life.lines.map((line) => {
    const part = parts.find(({ sku }) => sku === line.sku);
    return part ? { ...line, [counter]: line[counter] + part.quantity } : line;
  }),
});

type Statuses = Pick<Order, "status" | "paymentStatus" | "fulfilmentStatus">;

/** An order's three statuses, as they follow from what has happened to it. */
export function statusesOf(life: Life): Statuses {
  const sendable = life.lines.filter(({ requiresShipping }) => requiresShipping);
  const isSent = sendable.length > 0 && sendable.every((line) => line.shipped === line.quantity);
  const hasArrived = isSent && life.shipments.every(({ isDelivered }) => isDelivered);
  const hasReturned = isSent && sendable.every((line) => line.returned === line.quantity);
  const isStanding = life.status !== "pending" && life.status !== "cancelled";
  return {
    status: !isStanding ? life.status : hasArrived ? "delivered" : isSent ? "shipped" : "confirmed",
    fulfilmentStatus: hasReturned ? "returned" : hasArrived ? "delivered" : isSent ? "shipped" : "unfulfilled",
    paymentStatus: paymentStatusOf(life),
  };
}

function paymentStatusOf({ status, captured, refunded }: Life): Order["paymentStatus"] {
  if (status === "pending") return "pending";
  if (refunded > 0) return refunded < captured ? "partially_refunded" : "refunded";
  if (status === "cancelled") return "voided";
  return captured > 0 ? "captured" : "authorized";
}
