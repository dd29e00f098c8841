import type { ActionSchema, Context, Middleware, ServiceBroker } from "moleculer";
import { breakersOf, retriesOf } from "../resilience.ts";
import { busCounters } from "../transporter.ts";
import { CallRecord } from "./call-record.ts";
import { beginOutcome, outcomesOf } from "./outcomes.ts";
import type { Figures } from "./shape.ts";

/** The action under which every node tells its figures. */
export const FIGURES = "$figures.get";
/** Questions about how a node is are no work that it does. */
const ASIDE = /^\$|\.(health|cursors)$/;

interface Kept {
  readonly calls: Map<string, CallRecord>;
  opened: number;
}

/** Counts what a node answers, and offers it with its other figures to all nodes as `$figures.get` (and what rollouts compare as `$figures.outcomes`). */
export function figuring(broker: ServiceBroker): Middleware {
  const kept: Kept = { calls: new Map(), opened: 0 };
  const middleware: object = {
    name: "Figuring",
    created() {
      broker.createService({
        name: "$figures",
        actions: { get: { handler: () => figuresOf(broker, kept) }, outcomes: { handler: () => outcomesOf(broker) } },
      });
    },
    localAction(next: Next, { name, service }: ActionSchema) {
      if (!name || ASIDE.test(name)) return next;
      const record = recordOf(kept, service?.fullName ?? name);
      return async (ctx: Context) => {
        const began = performance.now();
        const end = beginOutcome(broker, name);
        const took = (): number => (performance.now() - began) / 1_000;
        try {
          const answer = await next(ctx);
          record.observe(took(), false);
          end(false);
          return answer;
        } catch (error) {
          const isFailure = isFault(error);
          record.observe(took(), isFailure);
          end(isFailure);
          throw error;
        }
      };
    },
    broadcast:
      (next: Broadcast) =>
      (name: string, ...rest: unknown[]) => {
        if (name === "$circuit-breaker.opened") kept.opened++;
        return next(name, ...rest);
      },
  };
  return middleware as Middleware;
}

type Next = (ctx: Context) => Promise<unknown>;
type Broadcast = (name: string, ...rest: unknown[]) => unknown;

function recordOf({ calls }: Kept, service: string): CallRecord {
  const known = calls.get(service) ?? new CallRecord();
  calls.set(service, known);
  return known;
}

/** A refusal (4xx) is an answer. */
function isFault(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? Number(error.code) : 500;
  return !(code < 500);
}

const startedAt = new Date(Date.now() - process.uptime() * 1_000).toISOString();

function figuresOf(broker: ServiceBroker, { calls, opened }: Kept): Figures {
  const bus = busCounters(broker);
  return {
    pid: process.pid,
    rss: process.memoryUsage.rss(),
    startedAt,
    calls: [...calls].map(([service, record]) => {
      const { count, failed, seconds } = record;
      return { service, count, failed, seconds, ...record.recent() };
    }),
    retries: retriesOf(broker),
    breakers: { opened, notClosed: breakersOf(broker) },
    bus: bus ? { ...bus } : null,
  };
}
