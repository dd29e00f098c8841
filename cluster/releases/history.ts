import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { OperatorError } from "../../lib/operator-error.ts";

const Deployment = z.object({ version: z.string(), at: z.iso.datetime() });

/** What was deployed of one service, oldest first: the last one serves now, the one before is what a rollback goes to. */
const History = z.array(Deployment);
export type Deployment = z.output<typeof Deployment>;

const FILE = "deployed.json";
const LONGEST = 50;

/** Reads the history that is kept in a service's folder of releases; empty when nothing was ever deployed. */
export async function readHistory(folder: string): Promise<Deployment[]> {
  const path = join(folder, FILE);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "[]";
    throw new OperatorError(`Cannot read ${path}: ${error.message}.`);
  });
  try {
    return History.parse(JSON.parse(text));
  } catch {
    throw new OperatorError(`${path} is damaged: remove it, and the service counts as never deployed.`);
  }
}

/** Replaces the history in one step, so that a crash leaves the old one or the new one. */
export async function writeHistory(folder: string, history: readonly Deployment[]): Promise<void> {
  const path = join(folder, FILE);
  await writeFile(`${path}.new`, `${JSON.stringify(history.slice(-LONGEST), undefined, 2)}\n`);
  await rename(`${path}.new`, path);
}
