import type { PartColor } from "./demo-colors.ts";
import type { Point } from "./picture-geometry.ts";

/** The fills of one colour: by where a face looks, and for round bodies. */
export interface Paint {
  hex: string;
  face: (normal: Point) => string;
  top: string;
  /** Goes from light to dark around an upright body. */
  round: string;
  edge: string;
  defs: string;
}

/** Mixes a colour with white (amount above 0) or black (below 0). */
export function tint(hex: string, amount: number): string {
  const target = amount > 0 ? 255 : 0;
  const channels = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  const mixed = channels.map((value) => Math.round(value + (target - value) * Math.abs(amount)));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/** Lit from above and a little from the left, as product photographs are. `id` keeps the gradients of two paints apart. */
export function paintOf({ hex }: Pick<PartColor, "hex">, id = "r"): Paint {
  const face = ([x, y, z]: Point) => tint(hex, 0.22 * z - 0.06 * y - 0.3 * x);
  const stops = [
    [0, -0.02],
    [0.3, 0.14],
    [0.65, -0.14],
    [1, -0.34],
  ].map(([at, amount]) => `<stop offset="${at}" stop-color="${tint(hex, amount ?? 0)}"/>`);
  return {
    hex,
    face,
    top: face([0, 0, 1]),
    round: `url(#${id})`,
    edge: tint(hex, -0.38),
    defs: `<linearGradient id="${id}">${stops.join("")}</linearGradient>`,
  };
}
