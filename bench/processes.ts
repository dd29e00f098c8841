import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Holdings } from "../cluster/keeper-contract.ts";
import { findKeeper } from "../cluster/keeper-client.ts";

/** Linux counts processor time in hundredths of a second, whatever its clock does. */
const TICK = 0.01;

interface Stat {
  readonly parent: number;
  /** Of the process and of those below it that have ended, in seconds. */
  readonly cpu: number;
}

async function statOf(pid: number): Promise<Stat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The name before the bracket may contain anything.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  if (fields.length < 15) return undefined;
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { parent: Number(fields[1]), cpu: ticks * TICK };
}

/** All processes of a running shop: Node, PostgreSQL and Redis. `pid` is the one that was started. */
export async function processesOf({ pid, data }: { pid: number; data: string }): Promise<Map<number, Stat>> {
  const roots = new Set([pid, await postmasterOf(data), ...(await keeperOf(data))]);
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(names.map(async (name) => [Number(name), await statOf(Number(name))] as const));
  const all = new Map(found.filter((entry): entry is [number, Stat] => entry[1] !== undefined));
  const isOurs = (one: number): boolean => roots.has(one) || (all.has(one) && isOurs(all.get(one)!.parent));
  return new Map([...all].filter(([one]) => isOurs(one)));
}

const postmasterOf = async (data: string): Promise<number> =>
  Number((await readFile(join(data, "postgres/postmaster.pid"), "utf8")).split("\n")[0]);

async function keeperOf(data: string): Promise<number[]> {
  const keeper = await findKeeper(data);
  if (!keeper) return [];
  const { pid } = await keeper.ask<Holdings>("holdings");
  keeper.close();
  return [pid];
}

/** Seconds of processor time that a shop has used since its start. */
export async function cpuOf(shop: { pid: number; data: string }): Promise<number> {
  return [...(await processesOf(shop)).values()].reduce((sum, { cpu }) => sum + cpu, 0);
}
