import { afterEach, expect, test } from "@jest/globals";
import { Errors, type ServiceBroker } from "moleculer";
import { eventually } from "../../test/support/eventually.ts";
import { callFrom, type Cluster, quietConfig, startCluster } from "../../test/support/cluster-of-brokers.ts";
import { brokerOptions } from "../../moleculer.config.ts";
import { fault, type FaultCode } from "../fault.ts";
import { verdict } from "./failure.ts";
import { never, outcome, tool, toolService } from "./resilience.support.ts";

let cluster: Cluster;
afterEach(async () => cluster[Symbol.asyncDispose]());

/** Our values, but trials come sooner. */
const circuitBreaker = { ...brokerOptions(quietConfig()).circuitBreaker!, halfOpenTime: 200 };
/** The same with Moleculer's own idea of a failure. */
const { check: _ours, ...stockBreaker } = circuitBreaker;

const charge = (broker: ServiceBroker, options = {}) => outcome(callFrom(broker, tool.charge, {}, options));

async function chargeOften(broker: ServiceBroker, times: number, options = {}): Promise<string[]> {
  const answers: string[] = [];
  for (let time = 0; time < times; time++) answers.push(await charge(broker, options));
  return answers;
}

const fails = (code: FaultCode) => () => {
  throw fault(code);
};

test("Moleculer's order hides a frozen node from its breaker; ours opens it, and another node serves", async () => {
  cluster = await startCluster({ circuitBreaker: stockBreaker }, { isStock: true });
  const stock = await cluster.add("caller");
  await cluster.kill(await cluster.add("frozen", [toolService("frozen").schema]));
  expect(await chargeOften(stock, 12, { timeout: 20 })).toEqual(Array<string>(12).fill("REQUEST_TIMEOUT"));
  await cluster[Symbol.asyncDispose]();

  cluster = await startCluster({ circuitBreaker: { ...circuitBreaker, halfOpenTime: 60_000 } });
  const caller = await cluster.add("caller");
  await cluster.kill(await cluster.add("frozen", [toolService("frozen").schema]));
  const patient = { timeout: tool.charge.timeout / 3 + 1 };
  await Promise.all(Array.from({ length: 8 }, () => charge(caller, patient)));
  expect(await charge(caller)).toBe("SERVICE_NOT_AVAILABLE");
  await cluster.add("b", [toolService("healthy").schema]);
  expect(await chargeOften(caller, 10)).toEqual(Array<string>(10).fill("healthy"));
});

test("an endpoint that fails is left alone while another serves, is tried with single calls, and is back when it is healed", async () => {
  let isBroken = true;
  const sick = toolService("sick", () => {
    if (isBroken) throw new Error("a bug");
  });
  const hasReached = (calls: number) => (sick.seen.calls === calls ? undefined : Promise.reject(new Error("not yet")));
  cluster = await startCluster({ circuitBreaker });
  await cluster.add("a", [sick.schema]);
  await cluster.add("b", [toolService("healthy").schema]);
  const caller = await cluster.add("caller");
  await eventually(async () => {
    await charge(caller);
    await hasReached(8);
  });
  expect(await chargeOften(caller, 5)).toEqual(Array<string>(5).fill("healthy"));
  await eventually(async () => {
    await charge(caller);
    await hasReached(9);
  });
  expect(await chargeOften(caller, 5)).toEqual(Array<string>(5).fill("healthy"));
  isBroken = false;
  await eventually(async () => expect(await charge(caller)).toBe("sick"));
  expect(new Set(await chargeOften(caller, 20))).toEqual(new Set(["healthy", "sick"]));
});

test("refusals never open a breaker", async () => {
  cluster = await startCluster({ circuitBreaker });
  await cluster.add("a", [toolService("a", fails("insufficient_stock")).schema]);
  const caller = await cluster.add("caller");
  expect(await chargeOften(caller, 30)).toEqual(Array<string>(30).fill("insufficient_stock"));
});

test("an unexpected error of an ordinary service opens a breaker of ours, and none of Moleculer's", async () => {
  const raw = { name: "tool", actions: { charge: () => Promise.reject(new TypeError("a bug")) } };
  const openings: boolean[] = [];
  for (const isStock of [true, false]) {
    cluster = await startCluster({ circuitBreaker: isStock ? stockBreaker : circuitBreaker }, { isStock });
    const caller = await cluster.add("a", [raw]);
    const answers = await chargeOften(caller, 9);
    openings.push(answers.at(-1) === "SERVICE_NOT_AVAILABLE");
    await cluster[Symbol.asyncDispose]();
  }
  expect(openings).toEqual([false, true]);
  cluster = await startCluster();
});

/** Opens the breaker with 5xx, then lets the trial end with a refusal; tells whether the next call is let through. */
async function trialEndsWithRefusal(isStock: boolean): Promise<string> {
  let code: FaultCode = "internal";
  const { schema, seen } = toolService("a", () => fails(code)());
  cluster = await startCluster({ circuitBreaker: isStock ? stockBreaker : circuitBreaker }, { isStock });
  await cluster.add("a", [schema]);
  const caller = await cluster.add("caller");
  await chargeOften(caller, 8);
  code = "conflict";
  await eventually(async () => {
    await charge(caller);
    expect(seen.calls).toBe(9);
  });
  const next = await charge(caller);
  await cluster[Symbol.asyncDispose]();
  return next;
}

test("a trial that is answered with a refusal closes the breaker; Moleculer's stays open", async () => {
  expect(await trialEndsWithRefusal(true)).toBe("SERVICE_NOT_AVAILABLE");
  expect(await trialEndsWithRefusal(false)).toBe("conflict");
  cluster = await startCluster();
});

/** Opens the breaker, lets the node die and come back under the same id, and tells how many of 20 failing calls reach it. */
async function reachedAfterRestart(isStock: boolean): Promise<number> {
  const deaf = { nodeID: "same", circuitBreaker: { enabled: false } };
  const slow = { ...(isStock ? stockBreaker : circuitBreaker), halfOpenTime: 60_000 };
  cluster = await startCluster({ circuitBreaker: slow }, { isStock });
  const caller = await cluster.add("caller");
  const first = await cluster.add("a", [toolService("a", fails("internal")).schema], deaf);
  await chargeOften(caller, 8);
  expect(await charge(caller)).toBe("SERVICE_NOT_AVAILABLE");
  await cluster.kill(first);
  caller.registry.nodes.disconnected("same", true);
  const second = toolService("a", fails("internal"));
  await cluster.add("a", [second.schema], deaf);
  await chargeOften(caller, 20);
  await cluster[Symbol.asyncDispose]();
  return second.seen.calls;
}

test("a node that comes back under its old name is protected like any other; Moleculer's breaker lets everything through", async () => {
  expect(await reachedAfterRestart(true)).toBe(20);
  expect(await reachedAfterRestart(false)).toBe(8);
  cluster = await startCluster();
});

test("a callee leaves it to its callers to leave it alone: one that refused by itself would look healthy to them", async () => {
  let isBroken = true;
  const { schema } = toolService("a", () => {
    if (isBroken) throw new Error("a bug");
  });
  cluster = await startCluster({ circuitBreaker });
  await cluster.add("a", [schema]);
  const unlucky = await cluster.add("unlucky");
  const other = await cluster.add("other");
  await chargeOften(unlucky, 8);
  expect(await charge(unlucky)).toBe("SERVICE_NOT_AVAILABLE");
  isBroken = false;
  expect(await charge(other)).toBe("a");
});

test("a caller in a hurry opens nobody's breaker", async () => {
  let isSlow = true;
  const { schema } = toolService("a", () => (isSlow ? never() : undefined));
  cluster = await startCluster({ circuitBreaker });
  await cluster.add("a", [schema]);
  const caller = await cluster.add("caller");
  expect(await chargeOften(caller, 12, { timeout: 10 })).toEqual(Array<string>(12).fill("REQUEST_TIMEOUT"));
  isSlow = false;
  expect(await charge(caller)).toBe("a");
});

test("what speaks against an endpoint", async () => {
  cluster = await startCluster();
  const where = { action: "tool.charge", nodeID: "a" };
  const verdicts = {
    timeout: new Errors.RequestTimeoutError(where),
    unexpected: Object.assign(new Error("no"), { code: "ECONNREFUSED" }),
    internal: fault("internal"),
    late: fault("timed_out"),
    "gone from the bus": new Errors.MoleculerRetryableError("no", 503, "NO_RECEIVER", where),
    "not found": fault("not_found"),
    "refused to take it": Object.assign(new Error("stopping"), { code: 404, type: "SERVICE_NOT_AVAILABLE", nodeID: "a" }),
    "full queue": new Errors.QueueIsFullError(where),
    "own link": Object.assign(new Error("down"), { code: 502, type: "BAD_GATEWAY" }),
    "lost answer": new Errors.RequestRejectedError(where),
  };
  expect(Object.fromEntries(Object.entries(verdicts).map(([name, error]) => [name, verdict(error)]))).toEqual({
    timeout: "failed",
    unexpected: "failed",
    internal: "failed",
    late: "failed",
    "gone from the bus": "failed",
    "not found": "answered",
    "refused to take it": "failed",
    "full queue": "answered",
    "own link": "nothing",
    "lost answer": "nothing",
  });
});
