import type { ActionHandler, ActionSchema, Context, Endpoint, Middleware, ServiceBroker } from "moleculer";
import { type Failure, isLate, verdict } from "./failure.ts";

/** What Moleculer's breaker keeps of an endpoint, as far as it is looked at here. */
interface Item {
  ep: Endpoint;
  state: "close" | "open" | "half_open" | "half_open_wait";
  count: number;
  failures: number;
  cbTimer: NodeJS.Timeout | null;
}

type Store = Map<string, Item>;
type Next = (ctx: Context) => Promise<unknown>;

/** Errors that do not speak against the endpoint, whatever they are. */
const excused = new WeakSet<object>();

/** Moleculer's breaker asks this for each error: does it speak against the endpoint? */
export const speaksAgainst = (error: Error): boolean => !excused.has(error) && verdict(error as Failure) === "failed";

/** Less than this part of an action's own time proves nothing when it runs out. */
const FAIR = 1 / 3;

/**
 * Goes directly inside Moleculer's breaker and outside its timeout.
 * - A call that its caller left too little time for does not speak against the callee.
 * - A call from another node is judged there. Moleculer's breaker would count it here too, and a node that opens its own
 *   breaker looks healthy to its callers: it answers.
 * - A trial call that is answered with a refusal (4xx) closes the breaker. Moleculer's stays open as long as trials end so.
 */
export const judging = (broker: ServiceBroker): Middleware => {
  const wrap = (next: ActionHandler, action: ActionSchema & { timeout?: number }) => {
    const fair = (action.timeout ?? broker.options.requestTimeout ?? 0) * FAIR;
    return (ctx: Context) =>
      (next as Next)(ctx).catch((error: Error) => {
        const isHurried = isLate(error as Failure) && (ctx.options.timeout ?? fair) < fair;
        const isForeign = ctx.endpoint?.local === true && ctx.nodeID !== broker.nodeID;
        if (error instanceof Error && (isHurried || isForeign)) excused.add(error);
        else if (verdict(error as Failure) === "answered") closeAfterTrial(broker, ctx);
        throw error;
      });
  };
  return { name: "Judging", localAction: wrap, remoteAction: wrap };
};

function closeAfterTrial(broker: ServiceBroker, ctx: Context): void {
  const item = itemOf(broker, ctx);
  if (item?.state !== "half_open_wait") return;
  if (item.cbTimer) clearTimeout(item.cbTimer);
  Object.assign(item, { state: "close", count: 0, failures: 0, cbTimer: null });
  item.ep.state = true;
  const told = { nodeID: ctx.nodeID, action: ctx.action?.name, service: ctx.action?.name?.split(".")[0] };
  broker.broadcast("$circuit-breaker.closed", told).catch((error: Error) => broker.logger.warn(error.message));
}

/**
 * Goes directly outside Moleculer's breaker, which keeps its state by node and action and would go on with an endpoint that
 * is gone: after a node was dropped and came back, it flips the switch of the dead object and lets everything pass.
 */
export const renewing = (broker: ServiceBroker): Middleware => {
  const wrap = (next: ActionHandler) => (ctx: Context) => {
    const item = itemOf(broker, ctx);
    if (item && item.ep !== ctx.endpoint) forget(broker, ctx, item);
    return (next as Next)(ctx);
  };
  return { name: "Renewing", localAction: wrap, remoteAction: wrap };
};

function forget(broker: ServiceBroker, ctx: Context, item: Item): void {
  if (item.cbTimer) clearTimeout(item.cbTimer);
  storeOf(broker)?.delete(nameOf(ctx));
}

const itemOf = (broker: ServiceBroker, ctx: Context): Item | undefined => storeOf(broker)?.get(nameOf(ctx));

const nameOf = ({ endpoint }: Context): string => (endpoint && "name" in endpoint ? endpoint.name : "");

function storeOf(broker: ServiceBroker & { CircuitBreakerStore?: Store }): Store | undefined {
  return broker.CircuitBreakerStore;
}

/** An endpoint that a node sends nothing, or only a trial. */
export interface NotClosed {
  readonly nodeId: string;
  readonly action: string;
  readonly state: "open" | "half_open";
}

/** The breakers of a broker that are not closed. */
export const breakersOf = (broker: ServiceBroker): NotClosed[] =>
  [...(storeOf(broker)?.values() ?? [])].flatMap(({ ep, state }) => {
    if (state === "close") return [];
    const action = "action" in ep ? (ep.action as ActionSchema).name : undefined;
    return [{ nodeId: ep.id, action: action ?? "", state: state === "open" ? "open" : "half_open" }];
  });
