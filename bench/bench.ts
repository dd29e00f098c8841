import { parseArgs } from "node:util";
import { benchKills } from "./kills.ts";
import { benchRollout } from "./rollout.ts";
import { benchShapes } from "./shapes.ts";
import { benchStart } from "./start.ts";

/** What may be said on the command line; each benchmark looks at what concerns it. */
export interface Options {
  /** Under two minutes. */
  readonly quick: boolean;
  /** Of `rollout`: page views and purchases a second. */
  readonly browse?: number;
  readonly buy?: number;
}

const BENCHMARKS: Readonly<Record<string, (options: Options) => Promise<void>>> = {
  start: benchStart,
  rollout: benchRollout,
  shapes: benchShapes,
  kills: benchKills,
  // It has processes of its own and reads the flag itself.
  calls: async () => void (await import("./calls.ts")),
};

/** `npm run bench -- <name> [--quick]` */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, browse: { type: "string" }, buy: { type: "string" } },
});
const [name = ""] = positionals;
const run = BENCHMARKS[name];
if (run) {
  const { quick, browse, buy } = values;
  await run({ quick, ...(browse && { browse: Number(browse) }), ...(buy && { buy: Number(buy) }) });
} else {
  console.error(`There is no benchmark "${name}". There are: ${Object.keys(BENCHMARKS).join(", ")}.`);
  process.exitCode = 1;
}
