import type { CallCounts } from "./calls.ts";

/** Fewer errors than that may be chance. */
const LEAST_ERRORS = 3;
/** By how much the share of failed calls may be higher than that of the nodes before. */
const TOLERANCE = 0.1;

const share = ({ calls, errors }: CallCounts): number => (calls === 0 ? 0 : errors / calls);
const percent = (part: number): string => `${Math.round(part * 100)} %`;

/** Whether a new node fails more of its calls than an old one does in the same time; answers how much, for people. */
export function isWorse(fresh: CallCounts, old: CallCounts): string | undefined {
  if (fresh.errors < LEAST_ERRORS || share(fresh) <= share(old) + TOLERANCE) return undefined;
  return `${percent(share(fresh))} of its calls fail, of the old node's ${percent(share(old))}`;
}
