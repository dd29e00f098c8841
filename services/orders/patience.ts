const FIRST = 2_000;
const LONGEST = 20_000;

/** Milliseconds until a step that was put off for the `attempt`-th time is tried again. */
export const pause = (attempt: number, first = FIRST): number => Math.min(first * 1.5 ** (attempt - 1), LONGEST);

export const UNANSWERED = "the payment provider has not answered";
