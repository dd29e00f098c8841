import { errorFields } from "../../lib/log.ts";
import * as notifications from "../notifications/contract.ts";
import type { z } from "zod";
import type { LetterRow } from "./letter-store.ts";
import * as store from "./letter-store.ts";
import { LINK_TIME, linkFor } from "./model.ts";
import { digestOf, secretFor } from "./secrets.ts";
import type { Tools } from "./tools.ts";

const BATCH = 20;
/** Seconds: longer than a call may take. */
const LEASE = 30;

/** Writes the letters that are due and hands them on, each until it was taken. */
export const writeLetters =
  ({ r, letterKey }: Tools) =>
  async (stopping: AbortSignal): Promise<void> => {
    // Nothing is spent on tries that cannot succeed, and as soon as it is back the letters go out.
    while (!stopping.aborted && r.peers().includes("notifications")) {
      const letters = await store.leaseLetters(r.db.sql, { limit: BATCH, lease: LEASE });
      await Promise.all(letters.map((letter) => write({ r, letterKey }, letter)));
      if (letters.length < BATCH) return;
    }
  };

type Parts = Pick<Tools, "r" | "letterKey">;
type Content = z.output<typeof notifications.Letter>;

async function write(parts: Parts, letter: LetterRow): Promise<void> {
  const { db, call, log } = parts.r;
  try {
    const content = await contentOf(parts, letter);
    if (!content) return await store.dropLetter(db.sql, letter);
    await call(notifications.sendLetter, { key: letter.id, to: letter.email, letter: content });
    await store.markTaken(db.sql, letter);
  } catch (error) {
    log.warn("a letter was not taken and will be tried again", {
      letter: letter.id,
      tries: letter.attempts,
      ...errorFields(error),
    });
    await store.putOff(db.sql, letter);
  }
}

/** What it says; nothing when nobody has an account of this email. */
async function contentOf({ r, letterKey }: Parts, letter: LetterRow): Promise<Content | undefined> {
  if (letter.kind === "account_exists") return { kind: letter.kind };
  // The same for every try: a mail may be out already although its try has failed.
  const token = secretFor(letterKey, letter.kind, letter.id);
  const isOurs = await store.putToken(r.db.sql, letter, digestOf(token), LINK_TIME[letter.kind]);
  return isOurs ? { kind: letter.kind, link: linkFor(letter.kind, token) } : undefined;
}
