import { setTimeout as sleep } from "node:timers/promises";
import { OperatorError } from "../lib/operator-error.ts";

const READY_WITHIN = 120_000;
const POLL = 50;

/** Waits until a shop says that it is ready, or the signal is aborted. Throws an OperatorError when that takes too long. */
export async function shopReady(url: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + READY_WITHIN;
  for (let reason = ""; !signal.aborted; await sleep(POLL)) {
    try {
      const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(5_000) });
      reason = await response.text();
      if (response.ok) return;
    } catch (error) {
      reason = (error as Error).message;
    }
    if (performance.now() > deadline) throw new OperatorError(`The shop does not get ready: ${reason}`);
  }
}

interface Readiness {
  readonly url: string;
  readonly adminKeyPath: string | null;
  readonly seconds: number;
  readonly json: boolean;
}

/** Tells people and programs where the shop is. */
export function announceReady({ url, adminKeyPath, seconds, json }: Readiness): void {
  const line = { ready: true, url, pid: process.pid, ...(adminKeyPath && { adminKeyPath }), seconds };
  if (json) return void process.stdout.write(`${JSON.stringify(line)}\n`);
  const lines = [
    `Brickwork is ready after ${seconds.toFixed(1)} s.`,
    ``,
    `  Shop        ${url}/store/v1/products`,
    `  API         ${url}/docs`,
    `  Admin key   ${adminKeyPath ?? "as given in ADMIN_KEY"}`,
    ``,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}
