import { z } from "zod";
import { action, page, paging } from "../../lib/contract.ts";
import { Id } from "../../lib/ids.ts";

export const AdminKeyId = Id("key");

/**
 * What a key may do: `*` everything, `<service>:read` the reads of one service, `<service>:write` all of its actions, `*:read` every
 * read.
 */
export const Scope = z.string().regex(/^(\*|(\*|[a-z]+):(read|write))$/, "is * or <service>:read or <service>:write");

/** An administration key. The key itself is shown once, when it is made. */
export const AdminKey = z.object({
  id: AdminKeyId,
  name: z.string(),
  scopes: z.array(Scope),
  /** How the key begins, to tell it from others. */
  hint: z.string(),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
  lastUsedAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
});

export const findKeys = action("operations.findKeys", {
  summary: "The administration keys, newest first, revoked ones too.",
  input: z.object(paging),
  output: page(AdminKey),
  access: "admin",
  http: "GET /admin/v1/keys",
});

export const createKey = action("operations.createKey", {
  summary: "Makes an administration key. Nobody can make one that may do more than their own.",
  input: z.object({ name: z.string().trim().min(1).max(80), scopes: z.array(Scope).min(1).max(50) }),
  output: AdminKey.extend({ key: z.string() }),
  access: "admin",
  http: { route: "POST /admin/v1/keys", status: 201, keepsKey: true, faults: ["forbidden"] },
});

export const revokeKey = action("operations.revokeKey", {
  summary: "Ends a key, at once.",
  input: z.object({ id: AdminKeyId }),
  output: AdminKey,
  access: "admin",
  http: { route: "DELETE /admin/v1/keys/:id", faults: ["not_found"] },
});

export const identifyKey = action("operations.identifyKey", {
  summary: "Whose key this is, by the SHA-256 of it.",
  input: z.object({ digest: z.string().regex(/^[0-9a-f]{64}$/) }),
  output: z.discriminatedUnion("outcome", [
    z.object({ outcome: z.literal("known"), id: AdminKeyId, scopes: z.array(Scope) }),
    z.object({ outcome: z.literal("unknown") }),
  ]),
  repeat: "safe",
  timeout: 2_000,
});

/** What somebody of the administration did, or tried to. Kept by the service that did it, with the change. */
export const AuditEntry = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  /** The key: `key` is the shop's own, others are named by their id. */
  by: z.string(),
  service: z.string(),
  action: z.string(),
  /** With secrets left out. */
  input: z.unknown(),
  /** `done`, or the code of the fault. */
  outcome: z.string(),
  requestId: z.string(),
});

export const findAudit = action("operations.findAudit", {
  summary: "Who did what, over all services, newest first.",
  input: z.object({
    by: z.string().max(100).optional(),
    action: z.string().max(100).optional(),
    ...paging,
    cursor: z.string().max(4_000).optional(),
  }),
  output: z.object({
    data: z.array(AuditEntry),
    meta: z.object({ limit: z.int(), nextCursor: z.string().nullable() }),
    degraded: z.array(z.string()),
  }),
  access: "admin",
  http: "GET /admin/v1/audit",
});

export const SagaStatus = z.enum(["running", "compensating", "completed", "compensated", "stuck"]);

/** What an operator may do about a saga: try again now, undo what was done, or take a failing undo as done. */
export const lifecycle = {
  retry: ["stuck", "running", "compensating"],
  compensate: ["running", "stuck"],
  skip: ["stuck"],
} as const satisfies Record<string, readonly z.output<typeof SagaStatus>[]>;

/** Work over several services, as far as it has come. `dueAt` is when it goes on. */
export const Saga = z.object({
  id: z.string(),
  service: z.string(),
  name: z.string(),
  version: z.int(),
  status: SagaStatus,
  step: z.string().nullable(),
  attempt: z.int(),
  error: z.string().nullable(),
  dueAt: z.iso.datetime().nullable(),
  deadlineAt: z.iso.datetime(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type Saga = z.output<typeof Saga>;

/** A saga with what it has learnt and everything that happened to it. */
export const SagaStory = Saga.extend({
  state: z.unknown(),
  history: z.array(z.object({ at: z.iso.datetime(), step: z.string().nullable(), what: z.string(), detail: z.unknown() })),
});
export type SagaStory = z.output<typeof SagaStory>;

/** Names of the services that did not answer: what they have is missing from the answer. */
const degraded = z.array(z.string());

export const findSagas = action("operations.findSagas", {
  summary: "The sagas of all services, newest first.",
  input: z.object({ status: SagaStatus.optional(), ...paging, cursor: z.string().max(4_000).optional() }),
  output: z.object({ data: z.array(Saga), meta: z.object({ limit: z.int(), nextCursor: z.string().nullable() }), degraded }),
  access: "admin",
  http: "GET /admin/v1/sagas",
});

const ById = z.object({ id: z.string().min(1).max(100) });

export const getSaga = action("operations.getSaga", {
  summary: "One saga with its state and its history.",
  input: ById,
  output: SagaStory,
  access: "admin",
  http: { route: "GET /admin/v1/sagas/:id", faults: ["not_found"] },
});

const move = (name: keyof typeof lifecycle, summary: string) =>
  action(`operations.${name}Saga`, {
    summary,
    input: ById,
    output: SagaStory,
    access: "admin",
    http: { route: `POST /admin/v1/sagas/:id/${name}`, faults: ["not_found", "conflict"] },
  });

export const retrySaga = move("retry", "Tries a saga again now that is stuck or was put off.");
export const compensateSaga = move("compensate", "Undoes what a saga has done so far.");
export const skipSaga = move("skip", "Takes the undo that a saga is stuck at as done, because somebody did it by hand.");

/** How far a service has read a feed. `lag` counts events, `ageSeconds` is the age of the oldest one that is not handled. */
export const Cursor = z.object({
  service: z.string(),
  feed: z.string(),
  position: z.int(),
  head: z.int().nullable(),
  lag: z.int().nullable(),
  ageSeconds: z.number().nullable(),
  state: z.enum(["reading", "stopped", "unreachable"]),
  problem: z.string().nullable(),
  retrying: z.int(),
  waiting: z.int(),
  parked: z.int(),
});

export const findFeeds = action("operations.findFeeds", {
  summary: "How far every service has read the feeds it follows.",
  input: z.object({}),
  output: z.object({ data: z.array(Cursor), degraded }),
  access: "admin",
  http: "GET /admin/v1/feeds",
});

/** An event that a service could not handle; later ones of the same key wait behind it. */
export const ParkedEvent = z.object({
  id: z.string(),
  service: z.string(),
  feed: z.string(),
  position: z.int(),
  type: z.string(),
  key: z.string(),
  payload: z.unknown(),
  error: z.string(),
  tries: z.int(),
  heldSince: z.iso.datetime(),
});
export type ParkedEvent = z.output<typeof ParkedEvent>;

export const findParkedEvents = action("operations.findParkedEvents", {
  summary: "Events that wait for an operator, oldest first.",
  input: z.object({}),
  output: z.object({ data: z.array(ParkedEvent), degraded }),
  access: "admin",
  http: "GET /admin/v1/feeds/parked",
});

/** Several services may have parked the same event; then `service` says whose is meant. */
const OneParked = ById.extend({ service: z.string().max(100).optional() });
const Settled = z.object({ id: z.string(), service: z.string() });

export const redriveParkedEvent = action("operations.redriveParkedEvent", {
  summary: "Has a parked event handled again.",
  input: OneParked,
  output: Settled,
  access: "admin",
  repeat: "keyed",
  http: { route: "POST /admin/v1/feeds/parked/:id/redrive", faults: ["not_found", "conflict"] },
});

export const dropParkedEvent = action("operations.dropParkedEvent", {
  summary: "Gives a parked event up; what waits behind it goes on.",
  input: OneParked,
  output: Settled,
  access: "admin",
  repeat: "keyed",
  http: { route: "POST /admin/v1/feeds/parked/:id/drop", faults: ["not_found", "conflict"] },
});

const Calls = z.object({
  service: z.string(),
  /** In the last ten seconds, as all that follows. */
  perSecond: z.number(),
  failedPerSecond: z.number(),
  p50Seconds: z.number().nullable(),
  p99Seconds: z.number().nullable(),
});

/** A node and what it told of itself; null where it did not answer. `breakers` are those of its own that are not closed: whom it sends nothing, or only a trial. */
export const ClusterNode = z.object({
  nodeId: z.string(),
  services: z.array(z.object({ name: z.string(), version: z.string().nullable() })),
  pid: z.int().nullable(),
  /** In bytes. */
  rss: z.int().nullable(),
  startedAt: z.iso.datetime().nullable(),
  calls: z.array(Calls),
  breakers: z.array(z.object({ nodeId: z.string(), action: z.string(), state: z.enum(["open", "half_open"]) })),
  /** Since its start: lost calls that it sent again, and those that it did not because its budget was spent. */
  retries: z.object({ sent: z.int(), refused: z.int() }).nullable(),
  /** Packets that it threw away since its start, because no node of this shop has sent them to it; null on no bus. */
  droppedPackets: z.int().nullable(),
});
export type ClusterNode = z.output<typeof ClusterNode>;

/** A service over all its nodes. Rates are summed, times are those of its slowest node. */
export const ClusterService = Calls.omit({ service: true }).extend({
  name: z.string(),
  nodes: z.int(),
  versions: z.array(z.string()),
});
export type ClusterService = z.output<typeof ClusterService>;

/** Something that an operator had done to a service. `outcome` says what came of it, or why nothing did. */
export const Change = z.object({
  id: z.string(),
  what: z.enum(["scale", "deploy", "rollback"]),
  service: z.string(),
  status: z.enum(["running", "done", "failed"]),
  outcome: z.string().nullable(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
});

/** `changes` is null where no supervisor looks after the nodes. */
export const Cluster = z.object({
  services: z.array(ClusterService),
  nodes: z.array(ClusterNode),
  changes: z.array(Change).nullable(),
  degraded,
});
export type Cluster = z.output<typeof Cluster>;

export const getCluster = action("operations.getCluster", {
  summary: "The nodes that run now: services, versions, rates, latencies and breakers, and the last changes of how services run.",
  input: z.object({}),
  output: Cluster,
  access: "admin",
  http: "GET /admin/v1/cluster",
});

export const followCluster = action("operations.followCluster", {
  summary: "Server-sent events of the same: the present state at once, and again whenever it has changed.",
  input: z.object({}),
  output: Cluster,
  access: "admin",
  http: { route: "GET /admin/v1/cluster/events", events: true },
});

const Named = z.object({ name: z.string().min(1).max(100) });

const change = <I extends z.ZodType>(what: z.output<typeof Change>["what"], input: I, summary: string) =>
  action(`operations.${what}Service`, {
    summary: `${summary} Answers when it has begun: \`GET /admin/v1/cluster\` shows how it goes on. 409 with the reason where no supervisor runs.`,
    input,
    output: Change,
    access: "admin",
    http: {
      route: `POST /admin/v1/cluster/services/:name/${what}`,
      status: 202,
      alsoStatus: [200],
      faults: ["not_found", "conflict"],
    },
  });

/** None is for the command line: over HTTP somebody might stop what answers HTTP. */
export const scaleService = change("scale", Named.extend({ count: z.int().min(1).max(64) }), "Runs so many nodes of a service.");
export const deployService = change(
  "deploy",
  Named,
  "Replaces the nodes of a service by its release of the checkout, one by one.",
);
export const rollbackService = change("rollback", Named, "Replaces the nodes of a service by the release before, one by one.");
