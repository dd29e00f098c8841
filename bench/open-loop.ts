import { setTimeout as sleep } from "node:timers/promises";
import { now } from "./clock.ts";

/**
 * Sends at a fixed rate, whatever becomes of what was sent before, until it is told to stop; returns when all has come to its
 * end. `send` gets the moment at which it was due: latencies count from there, so that a client that was held up by a slow
 * server does not leave out what it should have sent meanwhile (coordinated omission).
 */
export async function openLoop(perSecond: number, stop: AbortSignal, send: (due: number) => Promise<void>): Promise<void> {
  if (perSecond === 0) return;
  const pause = 1_000 / perSecond;
  const under = new Set<Promise<void>>();
  for (let due = now(); !stop.aborted; due += pause) {
    while (now() < due) await sleep(Math.max(1, Math.floor(due - now())));
    const one = send(due).finally(() => under.delete(one));
    under.add(one);
  }
  await Promise.all(under);
}
