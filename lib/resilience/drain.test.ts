import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import type { ServiceBroker } from "moleculer";
import { eventually } from "../../test/support/eventually.ts";
import { callFrom, startCluster } from "../../test/support/cluster-of-brokers.ts";
import { never, outcome, tool, toolService } from "./resilience.support.ts";

const registry = { stopDelay: 100 };
const slowly = (by: string) => toolService(by, () => sleep(200));

/** Calls all the time, six at once, until it is told to stop; answers how often each outcome came. */
function steadyCalls(from: ServiceBroker) {
  const counts: Record<string, number> = {};
  const over = new AbortController();
  const call = async (action: (typeof tool)[keyof typeof tool]) => {
    while (!over.signal.aborted) {
      const answer = `${action.name}: ${await outcome(callFrom(from, action, {}))}`;
      counts[answer] = (counts[answer] ?? 0) + 1;
    }
  };
  const work = Promise.all([...Object.values(tool), ...Object.values(tool)].map(call));
  return async () => {
    over.abort();
    await work;
    return Object.keys(counts).toSorted();
  };
}

async function rollingStop(isStock: boolean): Promise<string[]> {
  await using cluster = await startCluster(isStock ? {} : { registry }, { isStock });
  const { schema, seen } = slowly("first");
  const first = await cluster.add("first", [schema]);
  const caller = await cluster.add("caller");
  const finish = steadyCalls(caller);
  await cluster.add("second", [slowly("second").schema]);
  const before = seen.calls;
  await eventually(() => expect(seen.calls).toBeGreaterThan(before));
  await cluster.stop(first);
  return await finish();
}

test("a rolling stop under steady calls fails none, not even what must not be repeated; Moleculer's default breaks calls off", async () => {
  expect(await rollingStop(true)).toContainEqual(expect.stringMatching(/: REQUEST_/));
  const answered = ["first", "second"];
  expect(await rollingStop(false)).toEqual(
    ["tool.charge", "tool.keep", "tool.read"].flatMap((name) => answered.map((by) => `${name}: ${by}`)),
  );
});

test("while a node stops, its services answer each other until the last one is done", async () => {
  const gate = Promise.withResolvers<void>();
  const began = Promise.withResolvers<void>();
  const stopping = Promise.withResolvers<void>();
  const behind = toolService("behind");
  const ahead = toolService("ahead", async (_call, ctx) => {
    began.resolve();
    await gate.promise;
    await ctx.call({ ...tool.charge, name: "behind.charge" }, {});
  });
  await using cluster = await startCluster({ registry });
  const mixed = await cluster.add("mixed", [
    { ...behind.schema, name: "behind" },
    ahead.schema,
    { name: "witness", stopped: () => stopping.resolve() },
  ]);
  const caller = await cluster.add("caller");
  const call = outcome(callFrom(caller, tool.charge, {}));
  await began.promise;
  const stopped = cluster.stop(mixed);
  await stopping.promise;
  // Without waiting for each other, the one behind would now be gone.
  await turn();
  gate.resolve();
  expect(await call).toBe("ahead");
  await stopped;
});

test("a call that timed out does not keep its node from stopping; Moleculer waits for it in vain", async () => {
  const took: number[] = [];
  for (const isStock of [true, false]) {
    await using cluster = await startCluster({ tracking: { enabled: true, shutdownTimeout: 1_500 } }, { isStock });
    const caller = await cluster.add("caller");
    await cluster.kill(await cluster.add("frozen", [toolService("frozen", never).schema]));
    expect(await outcome(callFrom(caller, tool.charge, {}, { timeout: 20 }))).toBe("REQUEST_TIMEOUT");
    const began = performance.now();
    await cluster.stop(caller);
    took.push(performance.now() - began);
  }
  expect(took[0]).toBeGreaterThan(1_500);
  expect(took[1]).toBeLessThan(1_000);
});
