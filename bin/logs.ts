import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { findLogs, type LogPart, readFrom, readTail } from "../cluster/log-files.ts";
import { stopSignal } from "../cluster/stop-signal.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { dataOption, jsonOption } from "./options.ts";
import { print, printJson } from "./running.ts";

interface Options {
  readonly data: string;
  readonly json?: boolean;
  readonly follow?: boolean;
  readonly lines: number;
}

/** `brickwork logs`: what nodes have logged. Read from the data folder, so that it works for a shop that is down, too. */
export const logsCommand = () =>
  new Command("logs")
    .description("show what the nodes of a service, or of all, have logged")
    .argument("[service]", "one service")
    .option("-f, --follow", "go on showing what comes")
    .addOption(new Option("-n, --lines <n>", "how many lines to begin with").default(100).argParser(parseLines))
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(logs);

const POLL = 200;

function parseLines(text: string): number {
  const lines = Number(text);
  if (!Number.isInteger(lines) || lines < 0) throw new InvalidArgumentError("It is not a number of lines.");
  return lines;
}

async function logs(service: string | undefined, { data, json = false, follow, lines }: Options): Promise<void> {
  const folder = resolve(data);
  const chosen = choose(service, data, await findLogs(folder));
  const width = Math.max(0, ...chosen.map((name) => name.length));
  const show = (name: string, part: LogPart): void => {
    for (const line of part.lines) {
      if (json) printJson({ service: name, line });
      else print(chosen.length === 1 ? line : `${name.padEnd(width)} | ${line}`);
    }
  };
  const positions = new Map<string, number>();
  for (const name of chosen) {
    const part = await readTail(folder, name, lines);
    show(name, part);
    positions.set(name, part.position);
  }
  if (!follow) return;
  const { signal } = stopSignal();
  for (; !signal.aborted && process.stdout.writable; await sleep(POLL)) {
    for (const [name, position] of positions) {
      const part = await readFrom(folder, name, position);
      show(name, part);
      positions.set(name, part.position);
    }
  }
}

function choose(service: string | undefined, data: string, known: readonly string[]): readonly string[] {
  if (known.length === 0)
    throw new OperatorError(`There are no logs in ${data}: nodes log there when \`brickwork up\` runs them.`);
  if (!service) return known;
  if (known.includes(service)) return [service];
  throw new OperatorError(`There is no log of ${service} in ${data}. There are logs of ${known.join(", ")}.`);
}
