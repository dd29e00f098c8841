import { inspect } from "node:util";
import { Command } from "commander";
import { OperatorError } from "../lib/operator-error.ts";
import { dataOption, jsonOption } from "./options.ts";
import { callOnce, print, printJson } from "./running.ts";

/** `brickwork call`: one call into the running system. */
export const callCommand = () =>
  new Command("call")
    .description("call one action of the running system and print its answer")
    .argument("<service.action>", "the action")
    .argument("[json]", "its input", "{}")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (name: string, text: string, { data, json }: { data: string; json?: boolean }) => {
      const answer = await callOnce<unknown>(data, { name }, parseInput(text));
      if (json) return printJson(answer);
      print(inspect(answer, { depth: null, colors: process.stdout.isTTY === true, maxArrayLength: null, breakLength: 120 }));
    });

function parseInput(text: string): Record<string, unknown> {
  try {
    const input: unknown = JSON.parse(text);
    if (typeof input === "object" && input !== null && !Array.isArray(input)) return input as Record<string, unknown>;
  } catch (error) {
    throw new OperatorError(`The input is not JSON: ${(error as Error).message}. Put it in single quotes: '{"q": "brick"}'.`);
  }
  throw new OperatorError(`The input is not a JSON object such as '{"q": "brick"}'.`);
}
