import type { Context } from "moleculer";
import { audited, isAudited } from "./audit.ts";
import type { Action } from "./contract.ts";
import { type Database, databaseDown, isDatabaseDown } from "./database.ts";
import { type Caller, type Edge, fingerprintOf, inputFromEdge, keyScope } from "./edge.ts";
import { elapsed } from "./elapsed.ts";
import { Fault, fault, faultCode } from "./fault.ts";
import { type Claim, claimKey, type IdempotencyKey, isAnswer } from "./idempotency.ts";
import { errorFields, type Log } from "./log.ts";
import { inScope } from "./scope.ts";
import type { Ctx } from "./definition.ts";

/** What travels with a call besides its input. Services never see it: `Ctx` hands out the parts that are theirs. */
export interface Meta {
  caller?: Caller;
  /** Only on the gateway's own calls; null on every call that follows from one. */
  edge?: Edge | null;
  $statusCode?: number;
  $responseHeaders?: Record<string, string>;
}

export type BusContext = Context<Record<string, unknown>, Meta>;

/** A handler whose types were checked where the service was written. */
export type AnyHandler = (input: never, ctx: Ctx<never>) => Promise<unknown>;

/** The actions of a contract, by the key they are exported under. */
export const actionsOf = (contract: object): Record<string, Action> =>
  Object.fromEntries(Object.entries(contract).filter(([, value]: [string, Action | undefined]) => value?.kind === "action"));

/** The running service that a call has reached. */
export interface Here {
  readonly log: Log;
  readonly db?: Database;
  requireDb(): Database;
}

interface Reply {
  status: number;
  headers: Record<string, string>;
}

/** Runs one call: who may, what came in, the handler, what goes out. Both shapes of the system pass through here. */
export function handle(action: Action, handler: AnyHandler, ctx: BusContext, here: Here): Promise<unknown> {
  return inScope({ requestId: ctx.requestID ?? ctx.id }, async () => {
    try {
      return await answer(action, handler, ctx, here);
    } catch (error) {
      throw presentable(error, action, here.log);
    }
  });
}

async function answer(action: Action, handler: AnyHandler, ctx: BusContext, here: Here): Promise<unknown> {
  // It has waited for a place until nobody waits for its answer any more.
  if (remaining(ctx) === 0) throw fault("timed_out", undefined, { retryAfter: 2 });
  const edge = ctx.meta.edge ?? undefined;
  const caller = ctx.meta.caller ?? { kind: "guest" };
  if (edge) authorize(action, caller);
  const input = edge ? inputFromEdge(action, ctx.params, edge) : accept(action, ctx.params);
  const reply: Reply = { status: action.http?.status ?? 200, headers: standardHeaders(action) };
  const key = edge && requestKey(action, caller, edge, input);
  const work = { action, handler, ctx, here, input, reply, caller };
  const run = async () =>
    key ? underKey(key, work) : action.output.parse(await handler(input as never, narrow(ctx, caller, here, reply)));
  const deed = { action: action.name, caller, input, requestId: ctx.requestID ?? ctx.id };
  const result = edge && here.db && isAudited(action, caller) ? await audited(here.db, deed, here.log, run) : await run();
  if (edge) {
    ctx.meta.$statusCode = reply.status;
    ctx.meta.$responseHeaders = reply.headers;
  }
  return result;
}

/** Throws unless the caller may use the action. The gateway asks before it reads a body, the service again. */
export function authorize({ access, name }: Pick<Action, "access"> & { name: string }, caller: Caller): void {
  if (access === "internal") throw fault("not_found", `${name} is not published.`);
  if (access === "public" || caller.kind === "admin" || caller.kind === access) return;
  throw fault(caller.kind === "guest" ? "unauthorized" : "forbidden");
}

const standardHeaders = ({ http }: Action): Record<string, string> => ({ "Cache-Control": http?.cacheControl ?? "no-store" });

function accept(action: Action, params: unknown): unknown {
  const { success, data, error } = action.input.safeParse(params);
  if (success) return data;
  const details = error.issues.map(({ path, message }) => ({ field: path.join("."), message }));
  throw fault("invalid", `${action.name} got an input that breaks its contract.`, { details });
}

function requestKey(action: Action, caller: Caller, edge: Edge, input: unknown): IdempotencyKey | undefined {
  if (!edge.idempotencyKey) {
    if (action.http?.keyRequired) throw fault("idempotency_key_required");
    return undefined;
  }
  if (edge.method !== "POST") return undefined;
  return { scope: keyScope(caller, edge), key: edge.idempotencyKey, fingerprint: fingerprintOf(input) };
}

interface Work {
  action: Action;
  handler: AnyHandler;
  ctx: BusContext;
  here: Here;
  input: unknown;
  reply: Reply;
  caller: Caller;
}

async function underKey(key: IdempotencyKey, { action, handler, ctx, here, input, reply, caller }: Work): Promise<unknown> {
  if (action.http?.keepsKey || !here.db) {
    const narrowed = { ...narrow(ctx, caller, here, reply), idempotency: key };
    return action.output.parse(await handler(input as never, narrowed));
  }
  const claim = await claimKey(here.db, key, remaining(ctx) - 200);
  if (isAnswer(claim)) {
    reply.status = claim.status;
    reply.headers["Idempotent-Replayed"] = "true";
    return claim.body;
  }
  return workUnder(claim, { action, handler, ctx, here, input, reply, caller });
}

async function workUnder(claim: Claim, { action, handler, ctx, here, input, reply, caller }: Work): Promise<unknown> {
  const db = here.db!;
  let isKept = false;
  const narrowed: Ctx = {
    ...narrow(ctx, caller, here, reply),
    commit: async (work) => {
      const result = await db.transaction(async (tx) => {
        const body = action.output.parse(await work(tx));
        await claim.answer(tx, { status: reply.status, body });
        return body;
      });
      isKept = true;
      return result;
    },
  };
  try {
    const result = action.output.parse(await handler(input as never, narrowed as Ctx<never>));
    if (!isKept) await db.transaction((tx) => claim.answer(tx, { status: reply.status, body: result }));
    return result;
  } catch (error) {
    // Nothing was done under the key, so it is free again; should this fail too, its lease runs out.
    if (!isKept) await claim.release().catch((failure) => here.log.warn("idempotency key not released", errorFields(failure)));
    throw error;
  }
}

const FALLBACK_TIME = 5_000;

/** Milliseconds until the caller gives up. */
export const remaining = (ctx: BusContext): number => Math.max(0, (ctx.options.timeout || FALLBACK_TIME) - elapsed(ctx));

function narrow(ctx: BusContext, caller: Caller, here: Here, reply: Reply): Ctx<never> {
  const narrowed: Ctx = {
    call: (action, input) => ctx.call(action.name, input, { meta: { caller, edge: null }, timeout: action.timeout }) as never,
    commit: (work) => here.requireDb().transaction(work),
    caller,
    requestId: ctx.requestID ?? ctx.id,
    remaining: () => remaining(ctx),
    respond: ({ status, headers }) => {
      if (status) reply.status = status;
      Object.assign(reply.headers, headers);
    },
  };
  return narrowed as Ctx<never>;
}

const BUSY = new Set([
  "SERVICE_NOT_FOUND",
  "SERVICE_NOT_AVAILABLE",
  "QUEUE_FULL",
  "NO_RECEIVER",
  "BAD_GATEWAY",
  "REQUEST_REJECTED",
]);
const LATE = new Set(["REQUEST_TIMEOUT", "REQUEST_SKIPPED"]);

/** The fault that a caller may see in place of an error: nothing of our inside gets out, and nothing unexpected goes unlogged. */
export function presentable(error: unknown, { name }: { name: string }, log: Log): Error {
  if (faultCode(error)) return error as Error;
  if (isDatabaseDown(error)) {
    log.warn(`${name}: database not available`, { error: (error as Error).message });
    return databaseDown(error);
  }
  const type = error instanceof Error && "type" in error ? String(error.type) : "";
  if (BUSY.has(type)) return new Fault("unavailable", undefined, { retryAfter: 2, cause: error });
  if (LATE.has(type)) return new Fault("timed_out", undefined, { retryAfter: 2, cause: error });
  log.error(`${name} failed`, errorFields(error));
  return new Fault("internal", undefined, { cause: error });
}
