#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { OperatorError } from "../lib/operator-error.ts";
import { doctorCommand } from "./doctor.ts";
import { importCommand } from "./import.ts";
import { startCommand } from "./start.ts";

const program = new Command("brickwork")
  .description("A commerce backend made of small services. Run `brickwork <command> --help` for the details of a command.")
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(text) })
  .addCommand(startCommand())
  .addCommand(importCommand())
  .addCommand(doctorCommand());

for (const command of program.commands) command.exitOverride();

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
