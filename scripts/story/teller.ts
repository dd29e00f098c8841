import { deepStrictEqual } from "node:assert";

/** Tells what happens, and stops the story where something is not as it should be. */
export interface Teller {
  title(text: string): void;
  /** Somebody does something. */
  says(who: string, what: string): void;
  /** Something must be so; the story ends here if it is not. */
  check<T>(what: string, actual: T, expected: T): void;
}

/** Tells on standard output, or to nobody. */
export function teller(write: (line: string) => void = (line) => process.stdout.write(`${line}\n`)): Teller {
  const began = performance.now();
  const time = () => `${((performance.now() - began) / 1_000).toFixed(1).padStart(6)} s`;
  return {
    title: (text) => write(`\n${text}\n${"=".repeat(text.length)}`),
    says: (who, what) => write(`${time()}  ${who.padEnd(10)} ${what}`),
    check(what, actual, expected) {
      deepStrictEqual(actual, expected, `${what}: ${JSON.stringify(actual)} and not ${JSON.stringify(expected)}`);
      write(`${time()}  ${"".padEnd(10)} ✓ ${what}`);
    },
  };
}
