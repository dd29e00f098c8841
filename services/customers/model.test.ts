import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  type FoundToken,
  GUESSING,
  judgeToken,
  letterPause,
  linkFor,
  MAILING,
  type Pace,
  pausesOf,
  SESSION_TIME,
} from "./model.ts";

/** The property holds for the rule, and would be seen not to hold for each of these others. */
function expectProperty<R>(property: (rule: R) => fc.IRawProperty<unknown, false>, rule: R, mutants: R[]) {
  fc.assert(property(rule));
  for (const mutant of mutants) expect(fc.check(property(mutant), { numRuns: 2_000 }).failed).toBe(true);
}

describe("the pauses after failures", () => {
  const pace = fc.record({
    free: fc.integer({ min: 0, max: 20 }),
    first: fc.integer({ min: 1, max: 100 }),
    more: fc.integer({ min: 1, max: 5_000 }),
  });

  test("are none while it is free, then double up to the longest and stay there", () => {
    type Rule = typeof pausesOf;
    const holds = (rule: Rule) =>
      fc.property(pace, ({ free, first, more }) => {
        const longest = first + more;
        const pauses = rule({ free, first, longest });
        const growing = pauses.slice(free);
        expect(pauses.slice(0, free)).toEqual(Array.from({ length: free }, () => 0));
        expect(growing[0]).toBe(first);
        expect(growing.at(-1)).toBe(longest);
        for (let at = 1; at < growing.length; at++) expect(growing[at]).toBe(Math.min(longest, growing[at - 1]! * 2));
        expect(growing.filter((each) => each === longest)).toHaveLength(1);
      });
    expectProperty<Rule>(holds, pausesOf, [
      ({ free, ...more }) => pausesOf({ ...more, free: free + 1 }),
      (given) => pausesOf(given).slice(0, -1),
      ({ longest, ...more }) => pausesOf({ ...more, longest: longest + 1 }),
      (given) => pausesOf(given).map((each, at) => (at === given.free + 1 ? each - 1 : each)),
    ]);
  });

  test("leave a guesser about a hundred tries a day, and an owner no more than a quarter of an hour", () => {
    const triesInADay = (given: Pace) => {
      const pauses = pausesOf(given);
      let [tries, seconds] = [0, 0];
      while (seconds < 86_400) seconds += pauses[Math.min(tries++, pauses.length - 1)]!;
      return tries;
    };
    expect(triesInADay(GUESSING)).toBeLessThan(120);
    expect(pausesOf(GUESSING).at(-1)).toBe(900);
    expect(triesInADay(MAILING)).toBeLessThan(20);
  });
});

describe("a refresh token", () => {
  test.each<[Partial<FoundToken> | undefined, ReturnType<typeof judgeToken>]>([
    [undefined, "worthless"],
    [{ isLive: false }, "worthless"],
    [{ isLive: false, isSpent: true, isRepeated: true }, "worthless"],
    [{}, "good"],
    [{ isSpent: true }, "reused"],
    [{ isSpent: true, isRepeated: true }, "repeated"],
  ])("%j is %s", (found, verdict) => {
    expect(judgeToken(found && { isLive: true, isSpent: false, isRepeated: false, ...found })).toBe(verdict);
  });

  type Rule = typeof judgeToken;
  interface Token {
    spentUnder?: string;
    next?: Token;
  }

  /** A session as it is kept, whose tokens are judged by a rule. */
  class Session {
    readonly rule: Rule;
    isLive = true;

    constructor(rule: Rule) {
      this.rule = rule;
    }

    /** The token that is given for this one. Without a key nobody can ask again. */
    present(token: Token, key = `${Math.random()}`): Token | undefined {
      const isSpent = token.next !== undefined;
      const isRepeated = isSpent && token.spentUnder === key && token.next!.next === undefined;
      const verdict = this.rule({ isLive: this.isLive, isSpent, isRepeated });
      if (verdict === "good") {
        token.next = {};
        token.spentUnder = key;
      }
      if (verdict === "reused") this.isLive = false;
      return verdict === "good" || verdict === "repeated" ? token.next : undefined;
    }
  }

  test("in two hands is in none, as soon as both have used it, in whatever order they go on", () => {
    const holds = (rule: Rule) =>
      fc.property(fc.array(fc.constantFrom<0 | 1>(0, 1), { maxLength: 12 }), (turns) => {
        const session = new Session(rule);
        const stolen: Token = {};
        const hands: [Token | undefined, Token | undefined] = [stolen, stolen];
        for (const hand of turns) if (hands[hand]) hands[hand] = session.present(hands[hand]);
        if (new Set(turns).size < 2) return;
        // Each of them has used it by now: whatever they hold is worth nothing.
        for (const token of hands) if (token) expect(session.present(token)).toBeUndefined();
      });
    expectProperty<Rule>(holds, judgeToken, [
      (found) => (judgeToken(found) === "reused" ? "repeated" : judgeToken(found)),
      (found) => (judgeToken(found) === "reused" ? "worthless" : judgeToken(found)),
      (found) => (found?.isSpent ? "good" : judgeToken(found)),
    ]);
  });

  test("that is sent again under its key gives the same, however often and whatever gets lost", () => {
    const holds = (rule: Rule) =>
      fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 8 }), (tries) => {
        const session = new Session(rule);
        let token: Token = {};
        for (const [at, times] of tries.entries()) {
          const answers = Array.from({ length: times }, () => session.present(token, `key-${at}`));
          expect(new Set(answers).size).toBe(1);
          expect(answers[0]).toBeDefined();
          token = answers[0]!;
        }
        expect(session.isLive).toBe(true);
      });
    expectProperty<Rule>(holds, judgeToken, [
      (found) => (judgeToken(found) === "repeated" ? "reused" : judgeToken(found)),
      (found) => (judgeToken(found) === "repeated" ? "worthless" : judgeToken(found)),
    ]);
  });
});

test("a letter is tried again soon, then less and less often, but every five minutes", () => {
  type Rule = typeof letterPause;
  const holds = (rule: Rule) =>
    fc.property(fc.integer({ min: 1, max: 100_000 }), (attempts) => {
      const [now, next] = [rule(attempts), rule(attempts + 1)];
      expect(next).toBeGreaterThanOrEqual(now);
      expect(next).toBeLessThanOrEqual(now * 2);
      expect(now).toBeLessThanOrEqual(300);
      if (attempts > 9) expect(now).toBe(300);
    });
  expectProperty<Rule>(holds, letterPause, [(attempts) => 2 ** attempts, () => 60, (attempts) => Math.max(1, 300 - attempts)]);
});

test("a link leads to the page of its kind", () => {
  expect(linkFor("password_reset", "abc")).toBe("/reset-password?token=abc");
  expect(linkFor("verify_email", "abc")).toBe("/verify-email?token=abc");
  expect(SESSION_TIME.idle).toBeLessThan(SESSION_TIME.whole);
});
