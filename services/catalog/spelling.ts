import { fold, type Searchable } from "./model.ts";

/** Korean syllables fall apart into their letters, so that one wrong letter is one mistake there, too. */
export const lettersOf = (folded: string): string => folded.normalize("NFD");

/** The words of a product that a mistyped one may have meant, in letters. Numbers are not among them. */
export function spellableWords({ title, tags, vendor, category }: Omit<Searchable, "skus">): string[] {
  const words = [title, ...tags, vendor, category].flatMap((text) => fold(text).split(/[^\p{L}\p{N}]+/u));
  const letters = words.filter((word) => /^\p{L}/u.test(word)).map(lettersOf);
  return [...new Set(letters.filter((word) => word.length >= 3 && word.length <= 40))];
}

/** How many mistakes a word may have: none in short ones, since every other short word would be near. */
export function toleranceFor(letters: string): number {
  if (letters.length < 4) return 0;
  return letters.length < 8 ? 1 : 2;
}

/** Those of the known words that a word may have meant: as few mistakes as any of them needs, and no more than its length allows. */
export function corrections(letters: string, known: readonly string[]): string[] {
  const distances = known.map((word) => ({ word, distance: mistakes(letters, word) }));
  const least = Math.min(...distances.map(({ distance }) => distance));
  if (least > toleranceFor(letters)) return [];
  return distances.filter(({ distance }) => distance === least).map(({ word }) => word.normalize("NFC"));
}

/**
 * How many letters must be put in, left out, replaced or exchanged with their neighbour to make one word the other (the "optimal
 * string alignment" distance, by the textbook's table, of which three rows are kept).
 */
export function mistakes(one: string, other: string): number {
  const [a, b] = [[...one], [...other]];
  let beforeLast: number[] = [];
  let last = [...b.keys(), b.length];
  for (const [at, letter] of a.entries()) {
    const row = [at + 1];
    for (const [place, wanted] of b.entries()) {
      const kept = last[place]! + (letter === wanted ? 0 : 1);
      const isExchanged = at > 0 && place > 0 && letter === b[place - 1] && a[at - 1] === wanted;
      const exchanged = isExchanged ? beforeLast[place - 1]! + 1 : kept;
      row.push(Math.min(kept, exchanged, last[place + 1]! + 1, row[place]! + 1));
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}
