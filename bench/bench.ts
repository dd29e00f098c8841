import { benchKills } from "./kills.ts";
import { benchRollout } from "./rollout.ts";
import { benchShapes } from "./shapes.ts";
import { benchStart } from "./start.ts";

const BENCHMARKS: Readonly<Record<string, (options: { quick: boolean }) => Promise<void>>> = {
  start: benchStart,
  rollout: benchRollout,
  shapes: benchShapes,
  kills: benchKills,
  // It has processes of its own and reads the flag itself.
  calls: async () => void (await import("./calls.ts")),
};

/** `npm run bench -- <name> [--quick]` */
const [name = "", ...flags] = process.argv.slice(2);
const run = BENCHMARKS[name];
if (run) await run({ quick: flags.includes("--quick") });
else {
  console.error(`There is no benchmark "${name}". There are: ${Object.keys(BENCHMARKS).join(", ")}.`);
  process.exitCode = 1;
}
