import { median } from "./report.ts";

/** A median with its 95 % interval. */
export interface Estimate {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** The median of the values, with a bootstrap interval: the medians of 2000 samples drawn from them with replacement. */
export function estimate(values: readonly number[]): Estimate {
  const draw = () => values[Math.floor(Math.random() * values.length)]!;
  const medians = Array.from({ length: 2_000 }, () => median(values.map(draw))).toSorted((a, b) => a - b);
  return { median: median(values), low: medians[50]!, high: medians[1_949]! };
}

/** `1.23 [1.20, 1.27]` */
export const show = ({ median: middle, low, high }: Estimate, digits = 2): string =>
  `${middle.toFixed(digits)} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`;
