import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { shopper } from "../test/support/shopper.ts";
import { processesOf } from "./processes.ts";
import { median, percentile, print, save, seconds } from "./report.ts";

const PROGRAM = join(import.meta.dirname, "../bin/brickwork.ts");

interface Started {
  readonly url: string;
  readonly pid: number;
  /** Milliseconds from the start of the process to the line that says it is ready. */
  readonly took: number;
  stop(): Promise<void>;
}

async function start(data: string): Promise<Started> {
  const began = performance.now();
  const child = spawn(process.execPath, [PROGRAM, "start", "--json", "--port", "0", "--data", data], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, DATABASE_URL: "" },
  });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const { url } = JSON.parse(line) as { url: string };
  return {
    url,
    pid: child.pid!,
    took: performance.now() - began,
    async stop() {
      child.kill("SIGINT");
      await once(child, "exit");
    },
  };
}

/** Proportional set size in megabytes of all processes of a shop, PostgreSQL included: shared pages count once. */
async function memory(shop: { pid: number; data: string }): Promise<number> {
  let kilobytes = 0;
  for (const pid of (await processesOf(shop)).keys()) {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
    kilobytes += Number(/^Pss:\s*(\d+)/m.exec(rollup)?.[1] ?? 0);
  }
  return kilobytes / 1024;
}

/** Milliseconds of whole purchases, one after the other on an idle shop: open a cart, fill it, address it, ship it, check it out. */
async function purchases(url: string, data: string, count: number): Promise<number[]> {
  const buyer = shopper({ url, adminKey: (await readFile(join(data, "admin-key"), "utf8")).trim() });
  const variant = await buyer.inStock(count + 20);
  const times: number[] = [];
  for (let index = 0; index < count + 10; index++) {
    const began = performance.now();
    const cart = await buyer.fullCart(variant.id);
    const { status } = await buyer.checkout(cart.id);
    if (status !== 201) throw new Error(`a purchase was answered with ${status}`);
    // The first ones warm the shop up.
    if (index >= 10) times.push(performance.now() - began);
  }
  return times;
}

/** `npm run bench -- start`: how long the shop takes to be ready, what it weighs, and how long a purchase takes. */
export async function benchStart({ quick }: { quick: boolean }): Promise<void> {
  const rounds = quick ? 2 : 5;
  const first: number[] = [];
  const later: number[] = [];
  const weights: number[] = [];
  const bought: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const data = await mkdtemp(join(tmpdir(), "brickwork-bench-"));
    const fresh = await start(data);
    first.push(fresh.took);
    await fresh.stop();
    const again = await start(data);
    later.push(again.took);
    bought.push(...(await purchases(again.url, data, quick ? 30 : 100)));
    weights.push(await memory({ pid: again.pid, data }));
    await again.stop();
    await rm(data, { recursive: true, force: true });
  }
  const rows = [
    ["first start to ready, with seeding", `${seconds(median(first))} (max ${seconds(Math.max(...first))})`, "< 15 s"],
    ["later start to ready", `${seconds(median(later))} (max ${seconds(Math.max(...later))})`, "< 5 s"],
    ["memory of Node and PostgreSQL after purchases (PSS)", `${median(weights).toFixed(0)} MB`, "< 400 MB"],
    ["a purchase in five requests, p50", `${median(bought).toFixed(1)} ms`, "< 100 ms"],
    ["a purchase in five requests, p95", `${percentile(bought, 95).toFixed(1)} ms`, ""],
  ] as const;
  print(["what", "measured", "goal"], rows);
  await save("start", { rounds, first, later, weights, bought });
}
