import { text } from "node:stream/consumers";
import { OperatorError } from "../lib/operator-error.ts";
import { openKeeper } from "./keeper.ts";
import type { KeeperOptions } from "./keeper-contract.ts";

// The program that outlives supervisors: options come over stdin, one line about the start goes to stdout, and after that it
// speaks over its socket only. A terminal's Ctrl-C is for the supervisor, which ends it in order.
process.title = "brickwork keeper";
for (const name of ["SIGINT", "SIGHUP"] as const) process.on(name, () => {});

const options = JSON.parse(await text(process.stdin)) as KeeperOptions;
try {
  const keeper = await openKeeper(options);
  process.on("SIGTERM", () => void keeper.end());
  process.stdout.end(`${JSON.stringify({ started: true })}\n`);
  await keeper.ended;
  process.exit(0);
} catch (error) {
  const line = error instanceof OperatorError ? error.message : String((error as Error).stack);
  process.stdout.end(`${JSON.stringify({ started: false, isOperator: error instanceof OperatorError, line })}\n`);
  process.exitCode = 1;
}
