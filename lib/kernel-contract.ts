import { z } from "zod";
import { action, paging } from "./contract.ts";
import { FeedPage, FeedQuery } from "./feed.ts";

/** How far a reaction's cursor has read a feed. */
export const CursorView = z.object({
  service: z.string(),
  feed: z.string(),
  position: z.int(),
  head: z.int().nullable(),
  /** Events between the cursor and the feed's head; null while the feed cannot be reached. */
  lag: z.int().nullable(),
  /** Seconds since the oldest event that is not handled yet was announced. */
  ageSeconds: z.number().nullable(),
  state: z.enum(["reading", "stopped", "unreachable"]),
  problem: z.string().nullable(),
  retrying: z.int(),
  waiting: z.int(),
  parked: z.int(),
});
export type CursorView = z.output<typeof CursorView>;

/** An event that a reaction could not handle and that waits for an operator. */
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

/** What the administration did with a service. */
export const AuditView = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  by: z.string(),
  action: z.string(),
  input: z.unknown(),
  outcome: z.string(),
  requestId: z.string(),
});

export const SagaStatus = z.enum(["running", "compensating", "completed", "compensated", "stuck"]);

export const SagaView = z.object({
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
export type SagaView = z.output<typeof SagaView>;

export const SagaHistory = z.array(
  z.object({ at: z.iso.datetime(), step: z.string().nullable(), what: z.string(), detail: z.unknown() }),
);

const ById = z.object({ id: z.string().max(100) });
const Operator = ById.extend({ by: z.string().max(100) });

/** `behindSeconds` is given when nothing else is wrong than that some events wait to be handled, of which the oldest is so old. */
export const Health = z.object({
  isReady: z.boolean(),
  reason: z.string().nullable(),
  behindSeconds: z.number().nullish(),
});
export type Health = z.output<typeof Health>;

/** Seconds. Under load some event is always on its way. */
const KEEPING_UP = 2;

/** Whether a service may be asked: it is ready, or it has just a little to catch up with. */
export const keepsUp = ({ isReady, behindSeconds }: Health): boolean =>
  isReady || (typeof behindSeconds === "number" && behindSeconds < KEEPING_UP);

/** What every service answers, besides its own contract, so that operators can see and steer its durable side. */
export function kernelContract(service: string): KernelContract {
  const known = contracts.get(service) ?? contractOf(service);
  contracts.set(service, known);
  return known;
}

// Made once for each service: a contract is thousands of small objects, and every look at a feed asks for one.
const contracts = new Map<string, KernelContract>();

const contractOf = (service: string) => ({
  feed: action(`${service}.feed`, {
    summary: "What the service has announced after a position.",
    input: FeedQuery,
    output: FeedPage,
    repeat: "safe",
    timeout: 3_000,
  }),
  describe: action(`${service}.describe`, {
    summary: "The service's contract in JSON Schema.",
    input: z.object({}),
    output: z.object({
      actions: z.array(
        z.object({
          name: z.string(),
          summary: z.string(),
          access: z.string(),
          repeat: z.string(),
          http: z.unknown().optional(),
          input: z.unknown(),
          output: z.unknown(),
        }),
      ),
      events: z.array(z.object({ name: z.string(), key: z.string(), payload: z.unknown() })),
    }),
    repeat: "safe",
  }),
  health: action(`${service}.health`, {
    summary: "Whether the service is ready: seeded, with its database, and caught up with the feeds it reads.",
    input: z.object({}),
    output: Health,
    repeat: "safe",
    timeout: 2_000,
  }),
  cursors: action(`${service}.cursors`, {
    summary: "How far the service's reactions have read.",
    input: z.object({}),
    output: z.object({ cursors: z.array(CursorView), sagas: z.partialRecord(SagaStatus, z.int()) }),
    repeat: "safe",
    timeout: 3_000,
  }),
  parked: action(`${service}.parked`, {
    summary: "Events that wait for an operator.",
    input: z.object({}),
    output: z.object({ events: z.array(ParkedEvent) }),
    repeat: "safe",
  }),
  redrive: action(`${service}.redrive`, {
    summary: "Tries a parked event again.",
    input: ById,
    output: z.object({ found: z.boolean() }),
    repeat: "keyed",
  }),
  drop: action(`${service}.drop`, {
    summary: "Gives a parked event up; what waits behind it goes on.",
    input: ById,
    output: z.object({ found: z.boolean() }),
    repeat: "keyed",
  }),
  sagas: action(`${service}.sagas`, {
    summary: "The service's sagas, newest first.",
    input: z.object({ status: SagaStatus.optional(), ...paging }),
    output: z.object({ sagas: z.array(SagaView), nextCursor: z.string().nullable() }),
    repeat: "safe",
  }),
  readSaga: action(`${service}.readSaga`, {
    summary: "One saga with its history.",
    input: ById,
    output: z.object({ saga: SagaView.extend({ state: z.unknown(), history: SagaHistory }).nullable() }),
    repeat: "safe",
  }),
  steerSaga: action(`${service}.steerSaga`, {
    summary: "An operator's move on a saga, kept in its history.",
    input: Operator.extend({ move: z.enum(["retry", "compensate", "skip"]) }),
    output: z.object({ outcome: z.enum(["done", "unknown", "refused"]), reason: z.string().optional() }),
  }),
  audit: action(`${service}.audit`, {
    summary: "What the administration did with the service, newest first. `action` is the beginning of a name.",
    input: z.object({ by: z.string().max(100).optional(), action: z.string().max(100).optional(), ...paging }),
    output: z.object({ lines: z.array(AuditView) }),
    repeat: "safe",
  }),
  rebuild: action(`${service}.rebuild`, {
    summary: "Empties the service's read model and reads all feeds from their beginning.",
    input: z.object({}),
    output: z.object({ outcome: z.enum(["rebuilding", "not_a_read_model"]) }),
  }),
});

export type KernelContract = ReturnType<typeof contractOf>;
