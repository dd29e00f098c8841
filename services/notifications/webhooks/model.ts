import { createHmac } from "node:crypto";

/** What becomes of a delivery after a try. */
export type Verdict = { readonly is: "delivered" | "failed" } | { readonly is: "retried"; readonly after: number };

/** Milliseconds after the first, second, … try: about three days in all, as the Standard Webhooks specification advises. */
const PAUSES = [5_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 28_800_000, 43_200_000, 86_400_000];

/** `tries` counts the one that was just made; `chance` is a number from 0 to 1, so that many deliveries do not come back at once. */
export function judge(answerStatus: number | null, tries: number, chance: number): Verdict {
  if (answerStatus !== null && answerStatus >= 200 && answerStatus < 300) return { is: "delivered" };
  const pause = PAUSES[tries - 1];
  // 410: the receiver wants it no more.
  if (pause === undefined || answerStatus === 410) return { is: "failed" };
  return { is: "retried", after: pause * (1 + chance / 4) };
}

const SECRET_PREFIX = "whsec_";

/** The secret of a webhook, as its receiver gets it. */
export const secretOf = (key: Buffer, { id, secretVersion }: { id: string; secretVersion: number }): string =>
  SECRET_PREFIX + createHmac("sha256", key).update(`${id}:${secretVersion}`).digest("base64");

interface Message {
  readonly id: string;
  /** In seconds. */
  readonly timestamp: number;
  readonly body: string;
}

/** The header `webhook-signature`: one signature for each secret that is valid now (https://www.standardwebhooks.com). */
export function signatures({ id, timestamp, body }: Message, secrets: readonly string[]): string {
  const signed = `${id}.${timestamp}.${body}`;
  const sign = (secret: string) =>
    createHmac("sha256", Buffer.from(secret.slice(SECRET_PREFIX.length), "base64"))
      .update(signed)
      .digest("base64");
  return secrets.map((secret) => `v1,${sign(secret)}`).join(" ");
}
