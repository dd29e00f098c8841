import { expect, test } from "@jest/globals";
import type { Context, Middleware } from "moleculer";
import { eventually } from "../../test/support/eventually.ts";
import { callFrom, quietConfig, startCluster } from "../../test/support/cluster-of-brokers.ts";
import { brokerOptions } from "../../moleculer.config.ts";
import { never, outcome, tool, toolService } from "./resilience.support.ts";

/** A node crashes with a call in flight and another process takes its place. What the caller gets, of a read. */
async function crashAndRestart(isStock: boolean): Promise<string> {
  await using cluster = await startCluster({ heartbeatInterval: 1, heartbeatTimeout: 2 }, { isStock });
  const caller = await cluster.add("caller");
  const name = (start: number) => ({ nodeID: isStock ? "inventory" : `inventory-${start}` });
  const crashing = await cluster.add("inventory", [toolService("crashing", never).schema], name(1));
  const call = outcome(callFrom(caller, tool.read, {}, { timeout: 8_000 }));
  await eventually(() => expect(caller.transit?.pendingRequests.size).toBe(1));
  await cluster.kill(crashing);
  await cluster.add("inventory", [toolService("restarted").schema], name(2));
  return await call;
}

test("a crash with a fast restart under the same name leaves calls hanging; a name for each start does not", async () => {
  expect(await Promise.all([crashAndRestart(true), crashAndRestart(false)])).toEqual(["REQUEST_TIMEOUT", "restarted"]);
  const [one, other] = [brokerOptions(quietConfig()), brokerOptions(quietConfig())];
  expect(one.nodeID).not.toBe(other.nodeID);
});

type Guarded = Context<unknown, { isAdmin?: boolean }>;

/** Who has no right asks for what was answered to somebody who has. */
async function guestAfterAdmin(isStock: boolean): Promise<string> {
  const guard: object = {
    localAction: (next: (ctx: Guarded) => unknown) => (ctx: Guarded) =>
      ctx.meta.isAdmin ? next(ctx) : Promise.reject(new Error("forbidden")),
  };
  const standard = isStock ? [] : (brokerOptions(quietConfig()).middlewares ?? []);
  await using cluster = await startCluster({ cacher: "Memory", middlewares: [guard as Middleware, ...standard] }, { isStock });
  const vault = { name: "vault", actions: { open: { cache: true, handler: () => ({ by: "vault" }) } } };
  const broker = await cluster.add("a", [vault]);
  await broker.call("vault.open", {}, { meta: { isAdmin: true } });
  return await outcome(broker.call("vault.open", {}));
}

test("Moleculer's cache answers before access is checked; on our path it has no place", async () => {
  expect([await guestAfterAdmin(true), await guestAfterAdmin(false)]).toEqual(["vault", "forbidden"]);
});

test("Moleculer tells others a second after the start; a node of ours can be called at once", async () => {
  const delays: number[] = [];
  for (const isStock of [true, false]) {
    await using cluster = await startCluster({}, { isStock });
    await cluster.add("caller");
    let started = 0;
    await cluster.add("a", [toolService("a").schema], { started: () => void (started = performance.now()) });
    delays.push(performance.now() - started);
  }
  expect(delays[0]).toBeGreaterThan(800);
  expect(delays[1]).toBeLessThan(400);
});
