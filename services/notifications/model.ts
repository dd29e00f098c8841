/** A mail before it is sent. */
export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A text that is safe in a header: one line, and not without end. */
export const oneLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .trim()
    .slice(0, 200);

/** What an SMTP server, or the way to it, has said against a mail. */
export interface Refusal {
  readonly message: string;
  /** Nodemailer's word for the stage: `EENVELOPE`, `EMESSAGE`, `EAUTH`, `ESOCKET`, … */
  readonly code?: string;
  /** SMTP's own, such as 450 or 550. */
  readonly responseCode?: number;
}

/** What becomes of a mail after a refusal: another try in so many milliseconds, or none. */
export type Verdict = { readonly is: "retried"; readonly after: number } | { readonly is: "given up" };

const TRIES = 14;
const FIRST = 1_000;
const LONGEST = 3_600_000;

/** `tries` counts the one that was just refused. `chance` is a number from 0 to 1, so that many mails do not come back at once. */
export function judge(refusal: Refusal, tries: number, chance: number): Verdict {
  if (isFinal(refusal) || tries >= TRIES) return { is: "given up" };
  return { is: "retried", after: Math.min(LONGEST, FIRST * 2 ** (tries - 1)) * (1 - chance / 4) };
}

/** The server will never take this mail. A refused login is not final: that is the operator's to mend, and mails wait for it. */
const isFinal = ({ code, responseCode = 0 }: Refusal): boolean =>
  responseCode >= 500 && (code === "EENVELOPE" || code === "EMESSAGE");
