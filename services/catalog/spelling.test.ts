import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { corrections, lettersOf, mistakes, spellableWords } from "./spelling.ts";

test.each([
  ["brick", "brick", 0],
  ["brick", "birck", 1],
  ["brick", "bric", 1],
  ["brick", "bricks", 1],
  ["brick", "crack", 2],
  ["", "abc", 3],
  [lettersOf("벽돌"), lettersOf("벽똘"), 1],
])("from %s to %s are %i mistakes", (one, other, count) => {
  expect(mistakes(one, other)).toBe(count);
  expect(mistakes(other, one)).toBe(count);
});

type Distance = typeof mistakes;
const word = fc.string({ unit: fc.constantFrom(..."abc"), maxLength: 6 });

/** One typing mistake is one mistake, and a distance is never shorter than the difference in length or longer than the longer word. */
const isDistance = (distance: Distance) =>
  fc.property(word, word, fc.nat(5), fc.constantFrom(..."abc"), (one, other, place, letter) => {
    const at = Math.min(place, one.length);
    const typed = `${one.slice(0, at)}${letter}${one.slice(at)}`;
    const exchanged = `${one.slice(0, at)}${one.charAt(at + 1)}${one.charAt(at)}${one.slice(at + 2)}`;
    const steps = distance(one, other);
    return (
      distance(one, typed) === 1 &&
      distance(typed, one) === 1 &&
      distance(one, exchanged) <= 1 &&
      steps === distance(other, one) &&
      steps >= Math.abs(one.length - other.length) &&
      steps <= Math.max(one.length, other.length) &&
      (steps === 0) === (one === other)
    );
  });

test("mistakes are counted like a distance", () => {
  fc.assert(isDistance(mistakes), { seed: 1, numRuns: 500 });
});

test.each<[string, Distance]>([
  ["only compares lengths", (one, other) => Math.abs(one.length - other.length)],
  ["only compares place by place", (one, other) => [...one].filter((letter, at) => letter !== other[at]).length],
  ["forgets the words' order", (one, other) => (one === other ? 0 : Math.max(1, other.length - one.length))],
])("the property catches a count that %s", (_, broken) => {
  expect(fc.check(isDistance(broken), { seed: 1, numRuns: 500 }).failed).toBe(true);
});

test("a correction is the nearest word, within what its length allows", () => {
  expect(corrections("brcik", ["brick", "bracket", "trick"])).toEqual(["brick"]);
  expect(corrections("plade", ["plate", "blade", "place"])).toEqual(["plate", "blade", "place"]);
  expect(corrections("mug", ["mud"])).toEqual([]);
  expect(corrections("brrckk", ["brick"])).toEqual([]);
  expect(corrections("chandeleir", ["chandelier"])).toEqual(["chandelier"]);
  expect(corrections("anything", [])).toEqual([]);
  expect(corrections(lettersOf("벽똘"), [lettersOf("벽돌")])).toEqual(["벽돌"]);
});

test("words that can be meant are those with letters, each once", () => {
  const words = spellableWords({
    title: "Brick 2 x 4 brick",
    tags: ["벽돌", "an"],
    vendor: "Klotz & Söhne",
    category: "A > Bricks",
  });
  expect(words.map((letters) => letters.normalize("NFC"))).toEqual(["brick", "벽돌", "klotz", "sohne", "bricks"]);
});
