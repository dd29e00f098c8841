const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * Seconds that an access token lives. The end of a session reaches this service at once and all others when the token runs out,
 * which is why it is short; shorter would only make more refreshes.
 */
export const ACCESS_TIME = 10 * MINUTE;

/**
 * Seconds that a session lives: `idle` without being used, `whole` however it is used. A month lets people come back to a cart;
 * after a quarter a stolen device has lost its sign-in even if it was never missed.
 */
export const SESSION_TIME = { idle: 30 * DAY, whole: 90 * DAY };

/** An address book of more is a list of recipients, and would no longer be answered as a whole. */
export const MOST_ADDRESSES = 50;

/**
 * Seconds that the link of a letter works: a way into the account is short-lived, a confirmation may wait for the weekend to pass.
 */
export const LINK_TIME = { password_reset: HOUR, verify_email: 3 * DAY } as const;

/** The page of the storefront that a letter's link leads to. */
const PAGES = { password_reset: "/reset-password", verify_email: "/verify-email" } as const satisfies Record<
  keyof typeof LINK_TIME,
  string
>;

export const linkFor = (kind: keyof typeof LINK_TIME, token: string): string => `${PAGES[kind]}?token=${token}`;

/** Seconds until a letter that was not taken is tried again. */
export const letterPause = (attempts: number): number => Math.min(5 * MINUTE, 2 ** Math.min(attempts, 9));

/** A letter of one kind to one person: at most one in this time (seconds), where nobody has asked for it. */
export const NOTICE_TIME = DAY;

/** How attempts on one account are slowed down. */
export interface Pace {
  /** So many may fail in a row. */
  readonly free: number;
  /** Seconds to wait after the next one; each further one doubles it. */
  readonly first: number;
  /** Seconds, at most. */
  readonly longest: number;
}

/**
 * Guessing a password: about a hundred tries a day on one account, whoever makes them, while its owner is never locked out for
 * longer than a quarter of an hour and can always come in by mail.
 */
export const GUESSING: Pace = { free: 5, first: MINUTE / 2, longest: 15 * MINUTE };

/** Asking for mails: enough for somebody who does not find the first, and no way to fill a stranger's mailbox. */
export const MAILING: Pace = { free: 3, first: MINUTE, longest: 6 * HOUR };

/** Seconds after which failures are forgotten. */
export const FORGETTING = DAY;

/** Seconds to wait after each failure in a row: the first number is for the first one, the last one for all that follow. */
export function pausesOf({ free, first, longest }: Pace): number[] {
  const doublings = Math.ceil(Math.log2(longest / first));
  const growing = Array.from({ length: doublings + 1 }, (_, times) => Math.min(longest, first * 2 ** times));
  return [...Array.from({ length: free }, () => 0), ...growing];
}

/** A refresh token as it was found. */
export interface FoundToken {
  /** Its session has neither ended nor run out. */
  readonly isLive: boolean;
  readonly isSpent: boolean;
  /** It was spent under the very Idempotency-Key that it comes with now, and the token that was given for it is still good. */
  readonly isRepeated: boolean;
}

/**
 * What a refresh token is worth. A spent one that comes again is in two hands, and nobody can tell which are the owner's: both
 * lose it. A request that is sent again under its own key is known by that key.
 */
export function judgeToken(token: FoundToken | undefined): "good" | "repeated" | "reused" | "worthless" {
  if (!token?.isLive) return "worthless";
  if (!token.isSpent) return "good";
  return token.isRepeated ? "repeated" : "reused";
}
