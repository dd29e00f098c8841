import type { Outcomes } from "../lib/figures.ts";

/** Fewer errors of one kind than that say nothing. A node that hangs is another matter: who owes an answer is called no more. */
const LEAST = 3;
/** By how much the share of failures may be higher than that of the nodes before. */
const TOLERANCE = 0.1;
/** A release is not taken back for what chance alone would do once in a thousand times. */
const CHANCE = 0.001;
/** What is added to an old node's calls, so that one that was asked little or nothing is not taken to be perfect. */
const UNASKED = { calls: 1, failed: 0.02 };

type Outcome = Outcomes[string];

const failedOf = ({ calls, errors, overdue }: Outcome): number => Math.min(calls, errors + overdue);
const shareOf = (outcome: Outcome): number => (outcome.calls === 0 ? 0 : failedOf(outcome) / outcome.calls);
const percent = (part: number): string => `${Math.round(part * 100)} %`;

/**
 * Whether new nodes fail more of what they are asked than old ones do in the same time; answers how much, for people. Each
 * action is looked at by itself, because one that is rarely called may fail altogether and hardly be seen among the others.
 */
export function isWorse(fresh: Outcomes, old: Outcomes): string | undefined {
  for (const [name, now] of Object.entries(fresh)) {
    const before = old[name] ?? { calls: 0, errors: 0, overdue: 0 };
    const isTooFew = now.overdue === 0 && now.errors < LEAST;
    if (isTooFew || shareOf(now) <= shareOf(before) + TOLERANCE) continue;
    const expected = (failedOf(before) + UNASKED.failed) / (before.calls + UNASKED.calls);
    if (chanceOf(failedOf(now), now.calls, expected) <= CHANCE)
      return `${percent(shareOf(now))} of its ${name} fail, of the old release's ${percent(shareOf(before))}`;
  }
  return undefined;
}

/** How probable it is that at least so many of these calls fail when each does so with this probability (binomial distribution). */
function chanceOf(failed: number, calls: number, each: number): number {
  let chance = 0;
  // The term of `failed`, as a logarithm because it may be tiny, and from it one after the other.
  let term = failed * Math.log(each) + (calls - failed) * Math.log1p(-each);
  for (let i = 0; i < failed; i++) term += Math.log((calls - i) / (failed - i));
  for (let count = failed; count <= calls; count++) {
    chance += Math.exp(term);
    term += Math.log(((calls - count) / (count + 1)) * (each / (1 - each)));
  }
  return chance;
}
