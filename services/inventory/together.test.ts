import { expect, test } from "@jest/globals";
import { together } from "./together.ts";

/** Work whose rounds end when the test says so. */
function rounds(most = 10) {
  const seen: number[][] = [];
  const ends: (() => void)[] = [];
  const ask = together(async (items: readonly number[]) => {
    seen.push([...items]);
    await new Promise<void>((resolve) => ends.push(resolve));
    if (items.includes(13)) throw new Error("thirteen");
    return items.map((item) => item * 2);
  }, most);
  const end = async () => {
    ends.shift()!();
    await new Promise(setImmediate);
  };
  return { seen, ask, end };
}

test("what is asked during a round goes together into the next, and everybody gets the own answer", async () => {
  const { seen, ask, end } = rounds(2);
  const answers = Promise.all([1, 2, 3, 4].map(ask));
  for (let round = 0; round < 3; round++) await end();
  expect(await answers).toEqual([2, 4, 6, 8]);
  expect(seen).toEqual([[1], [2, 3], [4]]);
});

test("one bad item fails alone", async () => {
  const { seen, ask, end } = rounds();
  const answers = Promise.allSettled([1, 2, 13, 4].map(ask));
  for (let round = 0; round < 5; round++) await end();
  expect((await answers).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  expect(seen).toEqual([[1], [2, 13, 4], [2], [13], [4]]);
});

test("when the database is down nobody is asked again", async () => {
  const down = Object.assign(new Error("gone"), { code: "ECONNREFUSED" });
  let calls = 0;
  const ask = together(async () => {
    calls++;
    throw down;
  }, 10);
  const answers = await Promise.allSettled([1, 2, 3].map(ask));
  expect(answers.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(calls).toBe(2);
});
