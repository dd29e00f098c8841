#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { OperatorError } from "../lib/operator-error.ts";
import { callCommand } from "./call.ts";
import { deployCommand, releaseCommand, rollbackCommand } from "./deploy.ts";
import { doctorCommand } from "./doctor.ts";
import { durableCommands } from "./durable.ts";
import { envCommand } from "./env.ts";
import { exportCommand } from "./export.ts";
import { importCommand } from "./import.ts";
import { logsCommand } from "./logs.ts";
import { nodeCommand } from "./node.ts";
import { provisionCommand } from "./provision.ts";
import { psCommand } from "./ps.ts";
import { replCommand } from "./repl.ts";
import { startCommand } from "./start.ts";
import { killCommand, scaleCommand, stopCommand } from "./steer.ts";
import { upCommand } from "./up.ts";

const program = new Command("brickwork")
  .description("A commerce backend made of small services. Run `brickwork <command> --help` for the details of a command.")
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(text) })
  .addCommand(startCommand())
  .addCommand(upCommand())
  .addCommand(psCommand())
  .addCommand(logsCommand())
  .addCommand(stopCommand())
  .addCommand(killCommand())
  .addCommand(scaleCommand())
  .addCommand(releaseCommand())
  .addCommand(deployCommand())
  .addCommand(rollbackCommand())
  .addCommand(nodeCommand())
  .addCommand(envCommand())
  .addCommand(provisionCommand())
  .addCommand(callCommand())
  .addCommand(replCommand())
  .addCommand(importCommand())
  .addCommand(exportCommand())
  .addCommand(doctorCommand());

for (const command of durableCommands()) program.addCommand(command);
for (const command of program.commands) command.exitOverride();

// Who read our output, `head` for instance, has read enough. A shop does not stop for that.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = explain(error);
}

/** Says in one line what went wrong, and keeps the stack for what is a bug of ours. Answers the exit code. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode;
  if (error instanceof OperatorError) process.stderr.write(`brickwork: ${error.message}\n`);
  else
    process.stderr.write(`brickwork: this is a bug, please report it: ${error instanceof Error ? error.stack : String(error)}\n`);
  return 1;
}
