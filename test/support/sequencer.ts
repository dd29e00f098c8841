import { createRequire } from "node:module";
import type sequencing from "@jest/test-sequencer";
import { startsShops } from "./shops.ts";

// Required, because what the package's types say of its default holds for CommonJS only.
const { default: TestSequencer } = createRequire(import.meta.url)("@jest/test-sequencer") as typeof sequencing;

type Tests = Parameters<InstanceType<typeof TestSequencer>["sort"]>[0];

/** Spreads the files that start whole shops among the others, so that a worker rarely waits for its turn while there is other work. */
export default class SpreadSequencer extends TestSequencer {
  override async sort(tests: Tests): Promise<Tests> {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is no array's
    const sorted = await super.sort(tests);
    const large = sorted.filter(({ path }) => startsShops(path));
    const small = sorted.filter(({ path }) => !startsShops(path));
    const between = Math.ceil(small.length / (large.length + 1));
    const spread = large.flatMap((test, at) => [test, ...small.slice(at * between, (at + 1) * between)]);
    return [...spread, ...small.slice(large.length * between)];
  }
}
