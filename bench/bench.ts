import { benchStart } from "./start.ts";

const BENCHMARKS: Readonly<Record<string, (options: { quick: boolean }) => Promise<void>>> = { start: benchStart };

/** `npm run bench -- <name> [--quick]` */
const [name = "", ...flags] = process.argv.slice(2);
const run = BENCHMARKS[name];
if (run) await run({ quick: flags.includes("--quick") });
else {
  console.error(`There is no benchmark "${name}". There are: ${Object.keys(BENCHMARKS).join(", ")}.`);
  process.exitCode = 1;
}
