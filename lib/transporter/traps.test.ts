import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import type { Kind } from "./bus.support.ts";
import type { Scenario } from "./traps.fixture.ts";

// Every trap of Moleculer's own transporter, shown on it and shown to be gone on ours by the same scenario. A new version of
// Moleculer that mends one turns its test red, and then the answer to it here can go.

const run = promisify(execFile);

/** What a scenario saw. It runs in a process of its own. */
async function see(scenario: Scenario, kind: Kind): Promise<Record<string, unknown>> {
  const fixture = join(import.meta.dirname, "traps.fixture.ts");
  const { stdout } = await run(process.execPath, [fixture, scenario, kind], { timeout: 25_000 });
  return JSON.parse(stdout) as Record<string, unknown>;
}

const milliseconds = (value: unknown): number => Number(value);

test("after a connection that failed at first, every call runs once; with the stock transporter twice, for ever", async () => {
  expect(await see("failedConnect", "ours")).toEqual({ subscribers: 1, executions: 10, unhandled: 0 });
  expect(await see("failedConnect", "stock")).toMatchObject({ subscribers: 2, executions: 20 });
});

test("three restarts of Redis leave two connections per node, and none after the end; the stock transporter leaks", async () => {
  expect(await see("restarts", "ours")).toEqual({ counts: [4, 4, 4, 4], left: 0, unhandled: 0 });
  expect(await see("restarts", "stock")).toMatchObject({ counts: [4, 6, 8, 10], left: 6 });
});

test("when the link drops, waiting calls end at once and the node is told; with the stock transporter they wait on", async () => {
  const ours = await see("linkLost", "ours");
  expect(ours).toMatchObject({ type: "REQUEST_REJECTED", retryable: true, next: "BAD_GATEWAY", unhandled: 0 });
  expect(ours.told).toEqual(["disconnected", "connected"]);
  expect(milliseconds(ours.after)).toBeLessThan(500);
  expect(milliseconds(ours.nextAfter)).toBeLessThan(100);
  const stock = await see("linkLost", "stock");
  expect(stock.type).toBe("REQUEST_TIMEOUT");
  expect(stock.told).not.toContain("disconnected");
});

test("a killed node's calls end within 300 ms, and the next ones go elsewhere; with the stock transporter they time out", async () => {
  const ours = await see("peerKilled", "ours");
  expect(ours).toMatchObject({ type: "REQUEST_REJECTED", retryable: true, next: ["other", "other", "other", "other"] });
  expect(ours.message).toMatch(/possibly executed/);
  expect(milliseconds(ours.after)).toBeLessThan(300);
  const stock = await see("peerKilled", "stock");
  expect(stock.type).toBe("REQUEST_TIMEOUT");
  expect(stock.next).toContain("REQUEST_TIMEOUT");
});

test("a call that nobody receives fails at once as not executed, and its node is gone; with the stock transporter it times out", async () => {
  const ours = await see("nobodyThere", "ours");
  expect(ours).toMatchObject({ first: { type: "NO_RECEIVER", retryable: true }, second: "SERVICE_NOT_AVAILABLE", waiting: 0 });
  expect((ours.first as { message: string }).message).toMatch(/was not executed/);
  expect(milliseconds((ours.first as { after: number }).after)).toBeLessThan(200);
  const stock = await see("nobodyThere", "stock");
  expect(stock).toMatchObject({ first: { type: "REQUEST_TIMEOUT" }, second: "REQUEST_TIMEOUT" });
});

test("a node that is started again at once under the same name does not keep the calls of the killed one waiting", async () => {
  expect(await see("sameName", "ours")).toEqual({ type: "REQUEST_REJECTED", answer: "worker", unhandled: 0 });
  expect(await see("sameName", "stock")).toMatchObject({ type: "REQUEST_TIMEOUT" });
});

test("who reaches Redis without the key can neither call as an administrator nor send a node away", async () => {
  expect(await see("forgery", "ours")).toEqual({ seen: [], isStillThere: true, unhandled: 0 });
  expect(await see("forgery", "stock")).toMatchObject({ seen: [{ caller: { kind: "admin" } }], isStillThere: false });
});

test("a publish that Redis refuses rejects its call, and nothing is left unhandled", async () => {
  const ours = await see("publishRefused", "ours");
  expect(ours).toMatchObject({ type: "NO_RECEIVER", isStillThere: true, unhandled: 0 });
  expect(ours.message).toMatch(/NOPERM/);
  const stock = await see("publishRefused", "stock");
  expect(stock.type).toBe("REQUEST_TIMEOUT");
  expect(stock.unhandled).toBeGreaterThan(0);
});
