import type { Sql } from "../../lib/database.ts";
import { corrections, lettersOf, toleranceFor } from "./spelling.ts";
import { findAlike } from "./word-store.ts";

/**
 * What somebody may have meant whose words nothing has: for each word the spellings that it may stand for. Undefined when none of
 * them looks mistyped; then there is really nothing.
 */
export async function correct(sql: Sql, words: readonly string[]): Promise<string[][] | undefined> {
  const known = new Map((await findAlike(sql, words.map(lettersOf))).map((one) => [one.word, one]));
  const spellings = words.map((word) => {
    const letters = lettersOf(word);
    const found = known.get(letters);
    if (!found || found.isKnown || toleranceFor(letters) === 0 || !/^\p{L}/u.test(word)) return [word];
    return corrections(letters, found.alike);
  });
  const isCorrected = spellings.some(([first], at) => first !== words[at]);
  return isCorrected && spellings.every(({ length }) => length > 0) ? spellings : undefined;
}
