import { z } from "zod";
import { action } from "../lib/contract.ts";

/** A node as operators see it. `rss` in bytes, `uptime` in seconds. */
export const NodeView = z.object({
  nodeId: z.string(),
  services: z.array(z.string()),
  version: z.string(),
  pid: z.int().nullable(),
  rss: z.int().nullable(),
  uptime: z.number().nullable(),
  ready: z.boolean(),
});
export type NodeView = z.output<typeof NodeView>;

const Name = z.string().min(1).max(100);
const Empty = z.object({});

/** A rollout may have to wait for several nodes, each of them to get ready and the one before it to drain. */
const ROLLOUT = 900_000;
const DRAIN = 60_000;

export const ps = action("supervisor.ps", {
  summary: "The nodes of the running system.",
  input: Empty,
  output: z.object({ nodes: z.array(NodeView) }),
  repeat: "safe",
});

export const scale = action("supervisor.scale", {
  summary: "Runs so many nodes of a service, and answers when they can be called and those too many have drained.",
  input: z.object({ service: Name, count: z.int().min(0).max(64) }),
  output: z.object({ service: Name, nodes: z.array(Name) }),
  timeout: ROLLOUT,
});

export const stop = action("supervisor.stop", {
  summary: "Stops one service, or everything, in order.",
  input: z.object({ service: Name.optional() }),
  output: z.object({ stopped: z.array(Name) }),
  timeout: DRAIN,
});

export const kill = action("supervisor.kill", {
  summary: "Ends a node at once, as a crash would. A new one takes its place.",
  input: z.object({ nodeId: Name }),
  output: z.object({ nodeId: Name, pid: z.int() }),
});

export const logs = action("supervisor.logs", {
  summary: "The last lines that nodes have logged, by service.",
  input: z.object({ service: Name.optional(), lines: z.int().min(1).max(1_000).default(100) }),
  output: z.object({ logs: z.array(z.object({ service: Name, lines: z.array(z.string()) })) }),
  repeat: "safe",
});

export const release = action("supervisor.release", {
  summary: "Freezes services as they are in the checkout now.",
  input: z.object({ services: z.array(Name) }),
  output: z.object({ releases: z.array(z.object({ service: Name, version: z.string() })) }),
  timeout: ROLLOUT,
});

/** How a rollout of one service came out. After `went_back` the nodes of before serve. */
export const Rollout = z.object({
  service: Name,
  from: z.string(),
  to: z.string(),
  outcome: z.enum(["deployed", "unchanged", "went_back"]),
  reason: z.string().nullable(),
});
export type Rollout = z.output<typeof Rollout>;

export const deploy = action("supervisor.deploy", {
  summary: "Replaces the nodes of a service, or of every service that has changed, by its release, one by one.",
  input: z.object({
    service: Name.optional(),
    /** Milliseconds that a new release is watched; the setting ROLLOUT_WATCH_MS where nothing is said. */
    watch: z.int().min(0).max(600_000).optional(),
  }),
  output: z.object({ rollouts: z.array(Rollout) }),
  timeout: ROLLOUT,
});

export const rollback = action("supervisor.rollback", {
  summary: "Replaces the nodes of a service by the release before.",
  input: z.object({ service: Name }),
  output: Rollout,
  timeout: ROLLOUT,
});

/** A change of one service that goes on while nobody waits. `outcome` is for people: what came of it, or why nothing did. */
export const Change = z.object({
  id: Name,
  what: z.enum(["scale", "deploy", "rollback"]),
  service: Name,
  status: z.enum(["running", "done", "failed"]),
  outcome: z.string().nullable(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
});
export type Change = z.output<typeof Change>;

export const begin = action("supervisor.begin", {
  summary: "Begins a change and answers within a second or so, whether it has come to its end or not.",
  input: z.discriminatedUnion("what", [
    z.object({ what: z.literal("scale"), service: Name, count: z.int().min(0).max(64) }),
    z.object({ what: z.literal("deploy"), service: Name }),
    z.object({ what: z.literal("rollback"), service: Name }),
  ]),
  output: Change,
});

export const findChanges = action("supervisor.findChanges", {
  summary: "The last changes that were begun, newest first.",
  input: Empty,
  output: z.object({ changes: z.array(Change) }),
  repeat: "safe",
});
