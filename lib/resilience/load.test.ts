import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { eventually } from "../../test/support/eventually.ts";
import { callFrom, startCluster } from "../../test/support/cluster-of-brokers.ts";
import { presentable } from "../handling.ts";
import { outcome, tool, toolService } from "./resilience.support.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const times = <T>(many: number, make: () => T): T[] => Array.from({ length: many }, make);
const count = (answers: readonly string[], answer: string) => answers.filter((one) => one === answer).length;

test("a slow read fills its own places only: further ones are refused with Retry-After, a checkout passes", async () => {
  const gate = Promise.withResolvers<void>();
  const { schema } = toolService("a", (_call, ctx) => (ctx.requestId === "slow" ? gate.promise : undefined));
  await using cluster = await startCluster();
  await cluster.add("a", [schema]);
  const caller = await cluster.add("caller");
  const refusals: Error[] = [];
  const slow = times(324, () => callFrom(caller, tool.read, {}, { requestID: "slow" }));
  for (const call of slow) call.catch((error: Error) => refusals.push(error));
  await eventually(() => expect(refusals).toHaveLength(4));
  expect(presentable(refusals[0], tool.read, quiet)).toMatchObject({ type: "unavailable", code: 503, data: { retryAfter: 2 } });
  expect(await outcome(callFrom(caller, tool.charge, {}))).toBe("a");
  gate.resolve();
  const answers = await Promise.all(slow.map(outcome));
  expect([count(answers, "a"), count(answers, "QUEUE_FULL")]).toEqual([320, 4]);
});

test("a slow node gets fewer calls; Moleculer's turns give it as many as the others", async () => {
  const shares: number[] = [];
  for (const isStock of [true, false]) {
    const slow = toolService("slow", () => sleep(100));
    const fast = toolService("fast", () => sleep(1));
    await using cluster = await startCluster({}, { isStock });
    await cluster.add("a", [slow.schema]);
    await cluster.add("b", [fast.schema]);
    const caller = await cluster.add("caller");
    const work = async () => {
      for (let call = 0; call < 25; call++) await callFrom(caller, tool.charge, {});
    };
    await Promise.all(times(4, work));
    shares.push(slow.seen.calls / (slow.seen.calls + fast.seen.calls));
  }
  expect(shares[0]).toBeCloseTo(0.5);
  expect(shares[1]).toBeLessThan(0.35);
});

test("calls stay in their process where they can, and idle nodes share the others", async () => {
  await using cluster = await startCluster();
  const inside = await cluster.add("a", [toolService("a").schema]);
  await cluster.add("b", [toolService("b").schema]);
  const caller = await cluster.add("caller");
  const from = async (broker: typeof inside) => {
    const answers: string[] = [];
    for (let call = 0; call < 60; call++) answers.push((await callFrom(broker, tool.charge, {})).by);
    return answers;
  };
  expect(count(await from(inside), "a")).toBe(60);
  const shared = count(await from(caller), "a");
  expect(shared).toBeGreaterThan(10);
  expect(shared).toBeLessThan(50);
});

test("what a node owes is forgotten when its calls end, however they end", async () => {
  await using cluster = await startCluster();
  await cluster.add("a", [toolService("a", () => Promise.reject(new Error("no"))).schema]);
  const caller = await cluster.add("caller");
  await Promise.all(times(3, () => outcome(callFrom(caller, tool.charge, {}))));
  await cluster.add("b", [toolService("b", () => sleep(1)).schema]);
  const used = new Set<string>();
  await eventually(async () => {
    used.add(await outcome(callFrom(caller, tool.charge, {})));
    expect(used).toEqual(new Set(["internal", "b"]));
  });
});
