import { parseArgs } from "node:util";
import { readConfig } from "../lib/config.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { runNode } from "./run-node.ts";

// The program of a node that a supervisor starts. It is part of every release, so that a release runs the kernel it was made with.
const { positionals: services, values } = parseArgs({
  allowPositionals: true,
  options: { id: { type: "string" }, version: { type: "string", default: "" } },
});

try {
  const versions = Object.fromEntries(services.map((service) => [service, values.version]));
  const onReady = (ready: object): void => void process.stdout.write(`${JSON.stringify({ ready: true, ...ready, services })}\n`);
  await runNode({ config: readConfig(), services, nodeId: values.id, versions, isLeashed: true, onReady });
  process.exit(0);
} catch (error) {
  const line = error instanceof OperatorError ? error.message : String((error as Error).stack);
  process.stderr.write(`brickwork: ${line}\n`);
  process.exit(1);
}
