import { WORDS } from "./common-words.ts";

/** Whose password it is to be. */
export interface Owner {
  readonly email: string;
  readonly shopName: string;
}

/** Ways that a finger takes, each also backwards. */
const WALKS = [
  "1234567890", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "abcdefghijklmnopqrstuvwxyz",
  "!@#$%^&*()", "!\"§$%&/()=", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujm", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0",
  "a1b2c3d4e5f6g7h8", "a1s2d3f4g5h6j7k8l9", "zaq1xsw2cde3vfr4", "147258369", "159357", "789456123", "741852963", "1234qwerasdfzxcv",
].flatMap((walk) => [walk, [...walk].toReversed().join("")]); // prettier-ignore

const LOOKALIKES: Readonly<Record<string, string>> = {
  "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "!": "i", "|": "l", "€": "e",
}; // prettier-ignore

/** Characters that are no pattern: with more of them the whole is no longer among the first guesses. */
const LOOSE = 4;
/** Before a word and behind it, where people put a year and a sign: each. */
const LOOSE_AROUND = 5;
/** Dates and telephone numbers: so many digits and nothing else are guessed, too. */
const DIGITS = /^\d{1,12}$/;
/** Nothing this long is one word with something around it. */
const LONGEST = 40;
/** A way shorter than this is chance. */
const SHORTEST_WALK = 3;

/**
 * Whether a password is one of those that are tried first on every account: a well-known word, the owner's email or the shop's
 * name, with the usual digits before and behind and the usual look-alikes in it; ways over the keyboard; the same again and
 * again. A rule in place of a list, because the lists are made by it.
 */
export function isCommon(password: string, { email, shopName }: Owner): boolean {
  const text = password.normalize("NFKC").toLowerCase();
  const [local = ""] = email.toLowerCase().split("@");
  const words = new Set([
    ...WORDS,
    ...local.split(/[^\p{L}]+/u),
    local,
    email.toLowerCase(),
    shopName.toLowerCase().replace(/\s/g, ""),
  ]);
  return [text, unit(text)].some((each) => DIGITS.test(each) || looseIn(each) <= LOOSE || isAround(each, words));
}

/** The shortest piece that the text repeats: `abc` of `abcabcabc`. */
function unit(text: string): string {
  const length = (text + text).indexOf(text, 1);
  return text.slice(0, length);
}

/** How many characters belong to no way over the keyboard and to no run of one character. */
function looseIn(text: string): number {
  let loose = 0;
  for (let at = 0; at < text.length;) {
    const length = walkAt(text, at);
    if (length >= SHORTEST_WALK) at += length;
    else {
      loose++;
      at++;
    }
  }
  return loose;
}

function walkAt(text: string, from: number): number {
  let longest = 1;
  while (text[from + longest] === text[from]) longest++;
  for (const walk of WALKS) {
    let length = longest + 1;
    while (from + length <= text.length && walk.includes(text.slice(from, from + length))) longest = length++;
  }
  return longest;
}

/** Whether the text is one of the words, with nothing much around it. */
function isAround(text: string, words: ReadonlySet<string>): boolean {
  if (text.length > LONGEST) return false;
  // Look-alikes turn digits into letters, so those at the ends are tried both ways.
  for (const start of cuts(text)) {
    for (const end of cuts([...text].toReversed().join(""))) {
      if (start + end >= text.length) continue;
      const core = text.slice(start, text.length - end);
      if (core.length < 3) continue;
      if (words.has(core) || words.has(plain(core))) return true;
    }
  }
  return false;
}

const plain = (text: string): string => [...text].map((sign) => LOOKALIKES[sign] ?? sign).join("");

/** How many characters may be left out at the beginning: up to a few loose ones without letters, or whole ways. */
function cuts(text: string): number[] {
  const found = [];
  for (let length = 0; length <= text.length; length++) {
    const ahead = text.slice(0, length);
    if (/\p{L}/u.test(ahead) && looseIn(ahead) > 0) continue;
    if (looseIn(ahead) <= LOOSE_AROUND) found.push(length);
  }
  return found;
}
