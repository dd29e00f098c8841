import type { Input } from "../../lib/contract.ts";
import type { reserve, Shortfall } from "./contract.ts";

export type Line = Input<typeof reserve>["lines"][number];

export interface Shelf {
  readonly sku: string;
  readonly isTracked: boolean;
  /** Units that can be promised; null for without end. */
  readonly free: number | null;
}

/** What an order wants. */
export interface Wish {
  readonly orderId: string;
  readonly lines: readonly Line[];
}

/** What becomes of a wish. `counted` are the lines that take units off a shelf, `soldOut` names the shelves that it emptied. */
export type Decision =
  | {
      readonly outcome: "served";
      readonly orderId: string;
      readonly counted: readonly Line[];
      readonly soldOut: readonly string[];
    }
  | { readonly outcome: "short"; readonly orderId: string; readonly missing: readonly Shortfall[] };

/** Serves orders one after the other, each in full or not at all. A SKU without a shelf has nothing. */
export function decide(shelves: readonly Shelf[], wishes: readonly Wish[]): Decision[] {
  const left = new Map(shelves.map(({ sku, free }) => [sku, free ?? Infinity]));
  const tracked = new Set(shelves.filter(({ isTracked }) => isTracked).map(({ sku }) => sku));
  return wishes.map(({ orderId, lines }) => {
    const wanted = addUp(lines);
    const missing = wanted.flatMap((line) => lacking(line, left.get(line.sku) ?? 0));
    if (missing.length > 0) return { outcome: "short", orderId, missing };
    for (const { sku, quantity } of wanted) left.set(sku, left.get(sku)! - quantity);
    const soldOut = wanted.map(({ sku }) => sku).filter((sku) => left.get(sku) === 0);
    return { outcome: "served", orderId, counted: wanted.filter(({ sku }) => tracked.has(sku)), soldOut };
  });
}

function addUp(lines: readonly Line[]): Line[] {
  const bySku = new Map<string, Line>();
  for (const line of lines) {
    const before = bySku.get(line.sku);
    bySku.set(line.sku, before ? { ...before, quantity: before.quantity + line.quantity } : line);
  }
  return [...bySku.values()];
}

const lacking = ({ variantId, sku, quantity }: Line, left: number): Shortfall[] =>
  quantity > left ? [{ variantId, sku, requested: quantity, available: Math.max(0, left) }] : [];
