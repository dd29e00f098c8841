import { expect, test } from "@jest/globals";
import type { ServiceBroker } from "moleculer";
import { eventually } from "../test/support/eventually.ts";
import { callFrom, startCluster } from "../test/support/cluster-of-brokers.ts";
import { fault } from "./fault.ts";
import { askNodes, type NodeReport } from "./figures.ts";
import { never, outcome, tool, toolService } from "./resilience/resilience.support.ts";

/** What one node tells another, as soon as that one has heard of it. */
const of = (broker: ServiceBroker, asked: ServiceBroker): Promise<NodeReport> =>
  eventually(async () => {
    const report = (await askNodes(broker)).find(({ nodeId }) => nodeId === asked.nodeID);
    if (!report) throw new Error(`${broker.nodeID} does not know ${asked.nodeID}`);
    return report;
  });

test("every node tells what it answered, whoever asks; a refusal is no failure", async () => {
  const { schema } = toolService("a", (call) => {
    if (call === 1) throw fault("not_found");
    if (call === 2) throw new Error("a bug");
  });
  await using cluster = await startCluster({ metadata: { versions: { tool: "1a2b3c" } } });
  const callee = await cluster.add("a", [schema]);
  const caller = await cluster.add("caller");
  for (let call = 0; call < 4; call++) await outcome(callFrom(caller, tool.charge, {}));
  await caller.call("tool.health");
  for (const asking of [caller, callee]) {
    const { services, figures } = await of(asking, callee);
    expect(services).toEqual([{ name: "tool", version: "1a2b3c" }]);
    expect(figures).toMatchObject({
      pid: process.pid,
      calls: [{ service: "tool", count: 4, failed: 1 }],
      breakers: { opened: 0, notClosed: [] },
      bus: null,
    });
    expect((await of(asking, caller)).figures).toMatchObject({ calls: [] });
  }
  expect(await caller.call("$figures.outcomes", {}, { nodeID: callee.nodeID })).toEqual({
    "tool.charge": { calls: 4, errors: 1, overdue: 0 },
  });
  await eventually(async () => {
    const [calls] = (await of(caller, callee)).figures!.calls;
    expect(calls).toMatchObject({ perSecond: 0.4, failedPerSecond: 0.1, p50Seconds: expect.any(Number) });
  });
});

test("a node tells whom it leaves alone, and what it sent again", async () => {
  const { schema } = toolService("sick", () => {
    throw new Error("a bug");
  });
  await using cluster = await startCluster();
  const sick = await cluster.add("a", [schema]);
  const caller = await cluster.add("caller");
  await Promise.all(Array.from({ length: 8 }, () => outcome(callFrom(caller, tool.charge, {}))));
  expect((await of(sick, caller)).figures!.breakers).toEqual({
    opened: 1,
    notClosed: [{ nodeId: sick.nodeID, action: "tool.charge", state: "open" }],
  });

  expect((await of(sick, caller)).figures!.retries).toEqual({ sent: 0, refused: 0, saved: 200 });
  const frozen = toolService("frozen", never);
  await cluster.stop(sick);
  const victim = await cluster.add("victim", [frozen.schema]);
  const lost = outcome(callFrom(caller, tool.read, {}));
  await eventually(() => expect(caller.transit?.pendingRequests.size).toBe(1));
  const other = await cluster.add("b", [toolService("b").schema]);
  await cluster.kill(victim);
  caller.registry.nodes.disconnected(victim.nodeID, true);
  expect(await lost).toBe("b");
  expect((await of(other, caller)).figures!.retries).toMatchObject({ sent: 1, refused: 0, saved: 199 });
});

test("a node that does not answer is listed without figures", async () => {
  await using cluster = await startCluster();
  const silent = await cluster.add("silent", [toolService("silent").schema]);
  const asking = await cluster.add("asking");
  await cluster.kill(silent);
  expect(await of(asking, silent)).toEqual({
    nodeId: silent.nodeID,
    services: [{ name: "tool", version: null }],
    figures: null,
  });
});
