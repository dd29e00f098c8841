import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { OperatorError } from "../lib/operator-error.ts";
import type { KeeperOptions } from "./keeper-contract.ts";
import { connectTo, socketPath, type Wire } from "./wire.ts";

const PROGRAM = join(import.meta.dirname, "keeper-main.ts");

/** The keeper of a data folder, if one runs. `data` is absolute. */
export const findKeeper = (data: string): Promise<Wire | undefined> => connectTo(socketPath(data, "keeper"));

/** Starts a keeper that outlives this process. Throws an OperatorError that says why it cannot. */
export async function startKeeper(
  options: KeeperOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Wire> {
  const { PATH, HOME, TMPDIR } = environment;
  const env = Object.fromEntries(Object.entries({ PATH, HOME, TMPDIR }).filter(([, value]) => value));
  const child = spawn(process.execPath, [PROGRAM], { cwd: "/", detached: true, env, stdio: ["pipe", "pipe", "ignore"] });
  await once(child, "spawn");
  child.stdin.end(JSON.stringify(options));
  const said = await text(child.stdout);
  child.unref();
  const answer = JSON.parse(said || `{"started":false,"line":"the keeper died while it started"}`) as Answer;
  if (!answer.started) throw answer.isOperator ? new OperatorError(answer.line) : new Error(answer.line);
  const keeper = await findKeeper(options.data);
  if (!keeper) throw new Error("the keeper cannot be reached");
  return keeper;
}

interface Answer {
  readonly started: boolean;
  readonly isOperator?: boolean;
  readonly line?: string;
}
