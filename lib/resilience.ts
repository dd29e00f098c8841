import type { BrokerOptions, Middleware, ServiceBroker } from "moleculer";
import { judging, renewing } from "./resilience/breaker.ts";
import { countPending } from "./resilience/least-pending.ts";
import { retrying, type RetryOptions } from "./resilience/retry.ts";

export { breakersOf, type NotClosed, speaksAgainst } from "./resilience/breaker.ts";
export { limitsOf } from "./resilience/bulkhead.ts";
export { LeastPending } from "./resilience/least-pending.ts";
export { retriesOf, type RetryFigures } from "./resilience/retry.ts";

interface Parts {
  readonly retry: RetryOptions;
  /** Sees what callers get, and after which time. */
  readonly outermost: (broker: ServiceBroker) => Middleware;
}

/**
 * What a call passes through, from the handler outwards; to be used with `internalMiddlewares: false`. The parts are
 * Moleculer's, in another order, with three small ones of ours. Left out are its retries (they repeat every action, without
 * a deadline), its cacher (it answers before access is checked), its fallbacks (they swallow refusals) and its validator.
 */
export const callPath = ({ retry, outermost }: Parts): BrokerOptions["middlewares"] & object =>
  [
    "ActionHook",
    "Bulkhead",
    // Inside the breaker: in Moleculer's order the breaker never learns of a node that hangs.
    "Timeout",
    // Outside the timeout: in Moleculer's order a call that timed out is waited for when its node stops.
    "ContextTracker",
    judging,
    "CircuitBreaker",
    renewing,
    countPending,
    "ErrorHandler",
    "Tracing",
    "Metrics",
    "Debounce",
    "Throttle",
    retrying(retry),
    outermost,
  ] as BrokerOptions["middlewares"] & object;
