import { expect, test } from "@jest/globals";
import { eventually } from "../../test/support/eventually.ts";
import { callFrom, startCluster } from "../../test/support/cluster-of-brokers.ts";
import type { Ctx } from "../service.ts";
import { never, outcome, tool, toolService } from "./resilience.support.ts";

/** A node whose handler does `work`, with the tool on another node behind it. */
async function chain(work: (ctx: Ctx) => Promise<void>) {
  const left: number[] = [];
  const behind = toolService("behind", (_call, ctx) => void left.push(ctx.remaining()));
  const ahead = toolService("ahead", (_call, ctx) => work(ctx));
  const cluster = await startCluster();
  await cluster.add("behind", [{ ...behind.schema, name: "behind" }]);
  await cluster.add("ahead", [ahead.schema]);
  return { caller: await cluster.add("caller"), left, behind, [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]() };
}

const onBehind = (timeout: number) => ({ ...tool.charge, name: "behind.charge" as const, timeout });

test("a nested call gets what is left of its caller's time, or its own time when that is less", async () => {
  await using nodes = await chain(async (ctx) => {
    await ctx.call(onBehind(5_000), {});
    await ctx.call(onBehind(100), {});
  });
  expect(await outcome(callFrom(nodes.caller, tool.charge, {}, { timeout: 900 }))).toBe("ahead");
  const [long, short] = nodes.left as [number, number];
  expect(long).toBeLessThan(900);
  expect(long).toBeGreaterThan(100);
  expect(short).toBeLessThanOrEqual(100);
});

test("a call whose time is used up is not sent", async () => {
  const ends: unknown[] = [];
  await using nodes = await chain(async (ctx) => {
    await eventually(() => expect(ctx.remaining()).toBe(0));
    await ctx.call(onBehind(5_000), {}).catch((error: { type: string }) => ends.push(error.type));
    await never();
  });
  expect(await outcome(callFrom(nodes.caller, tool.charge, {}, { timeout: 60 }))).toBe("REQUEST_TIMEOUT");
  await eventually(() => expect(ends).toEqual(["REQUEST_SKIPPED"]));
  expect(nodes.behind.seen.calls).toBe(0);
});

test("what has waited for a place until its time was up is not executed", async () => {
  const gate = Promise.withResolvers<void>();
  const { schema, seen } = toolService("a", () => gate.promise);
  for (const action of Object.values(schema.actions as object))
    Object.assign(action, { bulkhead: { enabled: true, concurrency: 1 } });
  await using cluster = await startCluster();
  const broker = await cluster.add("a", [schema]);
  const first = outcome(callFrom(broker, tool.charge, {}));
  expect(await outcome(callFrom(broker, tool.charge, {}, { timeout: 30 }))).toBe("REQUEST_TIMEOUT");
  gate.resolve();
  expect(await first).toBe("a");
  expect(await outcome(callFrom(broker, tool.charge, {}))).toBe("a");
  expect(seen.calls).toBe(2);
});
