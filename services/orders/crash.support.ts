import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Config } from "../../lib/config.ts";

export const EVERYTHING = ["carts", "pricing", "shipping", "inventory", "payments", "orders"];

/** What a dying process is to do. */
export interface Plan {
  readonly given: Partial<Config>;
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly point: string;
}

const FIXTURE = join(import.meta.dirname, "crash.fixture.ts");

/** Has a process of its own make the move and die at the border. Answers how it ended. */
export async function dieAt(plan: Plan): Promise<{ code: number | null; signal: string | null }> {
  const child = spawn(process.execPath, [FIXTURE, JSON.stringify(plan)], { stdio: ["ignore", "ignore", "inherit"] });
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  return { code, signal };
}
