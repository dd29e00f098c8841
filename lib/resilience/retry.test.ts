import { afterEach, expect, test } from "@jest/globals";
import { Errors, type ServiceBroker } from "moleculer";
import { eventually } from "../../test/support/eventually.ts";
import { callFrom, type Cluster, startCluster } from "../../test/support/cluster-of-brokers.ts";
import { fault } from "../fault.ts";
import { RetryBudget } from "./budget.ts";
import { never, outcome, tool, toolService } from "./resilience.support.ts";

let cluster: Cluster;
afterEach(async () => cluster[Symbol.asyncDispose]());

const lost = (action: string) => new Errors.RequestRejectedError({ action, nodeID: "b" });

/** Until the caller waits for this many answers. */
const waitsFor = (broker: ServiceBroker, many: number) =>
  eventually(() => expect(broker.transit?.pendingRequests.size).toBe(many));

/** What every node learns when a node's death is noticed. */
const noticed = (by: ServiceBroker, dead: ServiceBroker) => by.registry.nodes.disconnected(dead.nodeID, true);

test("Moleculer's own retries charge four times for one call that timed out; ours charge once", async () => {
  const { schema, seen } = toolService("a", never);
  const retryPolicy = {
    enabled: true,
    retries: 3,
    delay: 1,
    check: (error: Error) => (error as { retryable?: boolean }).retryable === true,
  };
  cluster = await startCluster({ retryPolicy }, { isStock: true });
  await cluster.add("a", [schema]);
  const stock = await cluster.add("caller");
  expect(await outcome(callFrom(stock, tool.charge, {}, { timeout: 30 }))).toBe("REQUEST_TIMEOUT");
  expect(seen.calls).toBe(4);
  await cluster[Symbol.asyncDispose]();

  const other = toolService("a", never);
  cluster = await startCluster();
  await cluster.add("a", [other.schema]);
  const caller = await cluster.add("caller");
  expect(await outcome(callFrom(caller, tool.charge, {}, { timeout: 30 }))).toBe("REQUEST_TIMEOUT");
  expect(other.seen.calls).toBe(1);
});

test("when a node dies with calls in flight, another one answers what is safe or keyed, and nothing else is sent twice", async () => {
  const dying = toolService("dying", never);
  const living = toolService("living");
  cluster = await startCluster();
  const victim = await cluster.add("victim", [dying.schema]);
  const caller = await cluster.add("caller");
  const calls = [tool.read, tool.keep, tool.charge].map((action) => outcome(callFrom(caller, action, {})));
  await waitsFor(caller, 3);
  await cluster.add("b", [living.schema]);
  await cluster.kill(victim);
  noticed(caller, victim);
  expect(await Promise.all(calls)).toEqual(["living", "living", "REQUEST_REJECTED"]);
  expect(living.seen.calls).toBe(2);
});

test("a read waits half of its time for a node that hangs and gets its answer from another", async () => {
  const hanging = toolService("hanging", never);
  const healthy = toolService("healthy");
  cluster = await startCluster();
  await cluster.add("a", [hanging.schema]);
  await cluster.add("b", [healthy.schema]);
  const caller = await cluster.add("caller");
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => outcome(callFrom(caller, tool.read, {}, { timeout: 1_000 }))),
  );
  expect(new Set(answers)).toEqual(new Set(["healthy"]));
  expect(hanging.seen.calls).toBeGreaterThan(0);
});

test("what a handler answered is not asked for again", async () => {
  const { schema, seen } = toolService("a", () => {
    throw fault("unavailable");
  });
  cluster = await startCluster();
  await cluster.add("a", [schema]);
  const caller = await cluster.add("caller");
  expect(await outcome(callFrom(caller, tool.read, {}))).toBe("unavailable");
  expect(seen.calls).toBe(1);
});

test("retries do not multiply over three hops", async () => {
  const broken = { calls: 0 };
  const last = {
    name: "last",
    actions: {
      read: {
        contract: { repeat: "safe" },
        handler() {
          broken.calls++;
          throw lost("last.read");
        },
      },
    },
  };
  const hop = (name: string, to: string) => ({
    name,
    actions: { read: { contract: { repeat: "safe" }, handler: (ctx: { call(to: string): Promise<unknown> }) => ctx.call(to) } },
  });
  cluster = await startCluster();
  await cluster.add("c", [last]);
  await cluster.add("b", [hop("second", "last.read")]);
  await cluster.add("a", [hop("first", "second.read")]);
  const caller = await cluster.add("caller");
  await expect(caller.call("first.read")).rejects.toMatchObject({ type: "REQUEST_REJECTED" });
  expect(broken.calls).toBe(4);
});

test("nothing is sent again after the call's own time", async () => {
  let sent = 0;
  cluster = await startCluster();
  const failing = {
    name: "tool",
    actions: {
      read: {
        contract: { repeat: "safe" },
        handler() {
          sent++;
          throw lost("tool.read");
        },
      },
    },
  };
  await cluster.add("a", [failing]);
  const caller = await cluster.add("caller");
  // The first pause is over by then, the second one never.
  await expect(caller.call("tool.read", {}, { timeout: 60 })).rejects.toMatchObject({ type: "REQUEST_REJECTED" });
  expect(sent).toBeLessThanOrEqual(2);
});

test("an action whose last node has just gone is waited for; one that stays away is not, and neither is one that was never there", async () => {
  cluster = await startCluster();
  const caller = await cluster.add("caller");
  const old = await cluster.add("old", [toolService("old").schema]);
  await cluster.kill(old);
  noticed(caller, old);
  const waiting = outcome(callFrom(caller, tool.read, {}));
  const refused = await outcome(callFrom(caller, tool.charge, {}));
  const next = await cluster.add("next", [toolService("next").schema]);
  expect([await waiting, refused]).toEqual(["next", "SERVICE_NOT_AVAILABLE"]);

  await cluster.kill(next);
  noticed(caller, next);
  const patient = performance.now();
  expect(await outcome(callFrom(caller, tool.read, {}))).toBe("SERVICE_NOT_AVAILABLE");
  expect(performance.now() - patient).toBeGreaterThan(1_500);
  const hurried = performance.now();
  expect(await outcome(callFrom(caller, tool.read, {}))).toBe("SERVICE_NOT_AVAILABLE");
  expect(performance.now() - hurried).toBeLessThan(500);
  await expect(caller.call("nobody.knows")).rejects.toMatchObject({ type: "SERVICE_NOT_FOUND" });
});

test("retries are at most a fifth of the calls, and what was saved up", () => {
  const budget = new RetryBudget({ share: 0.2, burst: 3 });
  const spend = (calls: number) => Array.from({ length: calls }, () => (budget.earn(), budget.spend())).filter(Boolean).length;
  expect(spend(1_000)).toBe(202);
});

test("a failing service gets at most a fifth more calls", async () => {
  const sent = { calls: 0 };
  const failing = {
    name: "failing",
    actions: {
      read: {
        contract: { repeat: "safe" },
        handler: () => Promise.reject((sent.calls++, lost("failing.read"))),
      },
    },
  };
  cluster = await startCluster({ circuitBreaker: { enabled: false }, bulkhead: { enabled: false } });
  const caller = await cluster.add("caller", [failing]);
  await Promise.allSettled(Array.from({ length: 2_000 }, () => caller.call("failing.read")));
  expect(sent.calls).toBeGreaterThan(2_100);
  expect(sent.calls).toBeLessThanOrEqual(2_000 * 1.2 + 200);
});

test("an answer's status reaches the caller also after a retry", async () => {
  const flaky = { calls: 0 };
  const answering = {
    name: "answering",
    actions: {
      read: {
        contract: { repeat: "safe" },
        handler(ctx: { meta: Record<string, unknown> }) {
          if (++flaky.calls === 1) throw lost("answering.read");
          ctx.meta.$statusCode = 207;
        },
      },
    },
  };
  const asking = {
    name: "asking",
    actions: {
      async ask(ctx: { meta: object; call(name: string): Promise<unknown> }) {
        await ctx.call("answering.read");
        return { ...ctx.meta };
      },
    },
  };
  cluster = await startCluster();
  await cluster.add("a", [answering]);
  const caller = await cluster.add("caller", [asking]);
  expect(await caller.call("asking.ask")).toEqual({ $statusCode: 207 });
});
