import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { OperatorError } from "../lib/operator-error.ts";

const RunFile = z.object({ pid: z.int(), url: z.url() });

/** Where a running shop can be reached: kept in its data folder while it runs. */
export type RunFile = z.output<typeof RunFile>;

const pathIn = (data: string): string => join(data, "running.json");

/** Says that a shop runs on this data folder. */
export const writeRunFile = (data: string, running: RunFile): Promise<void> =>
  writeFile(pathIn(data), JSON.stringify(running), { mode: 0o600 });

/** Says that it no longer does. */
export const removeRunFile = (data: string): Promise<void> => rm(pathIn(data), { force: true });

/** The shop that runs on this data folder and the key to its administration. Throws an OperatorError when there is none. */
export async function findRunning(data: string): Promise<RunFile & { adminKey: string }> {
  const [text, adminKey] = await Promise.all([readIfThere(pathIn(data)), readIfThere(join(data, "admin-key"))]);
  const { success, data: running } = RunFile.safeParse(text && JSON.parse(text));
  if (!success || !isAlive(running.pid)) {
    throw new OperatorError(`No shop is running on ${data}: start one with \`npm start\`, or name its folder with --data.`);
  }
  if (!adminKey)
    throw new OperatorError(`There is no admin key in ${data}: set ADMIN_KEY to the one that the shop was started with.`);
  return { ...running, adminKey: adminKey.trim() };
}

/** Whether a shop runs on this data folder, with or without a key to it. */
export async function isRunning(data: string): Promise<boolean> {
  const text = await readIfThere(pathIn(data));
  const running = RunFile.safeParse(text && JSON.parse(text)).data;
  return running !== undefined && isAlive(running.pid);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new OperatorError(`Cannot read ${path}: ${(error as Error).message}.`);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
