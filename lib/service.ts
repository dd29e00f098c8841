import type { Service, ServiceSchema } from "moleculer";
import type { Action, Event } from "./contract.ts";
import type { Definition, Resources } from "./definition.ts";
import { join, leave } from "./drain.ts";
import { actionsOf, type BusContext, handle } from "./handling.ts";
import { kernelContract } from "./kernel-contract.ts";
import { limitsOf } from "./resilience.ts";
import { type Running, startService } from "./running.ts";

export type { Ctx, Definition, Handler, Handlers, Job, Resources } from "./definition.ts";

interface Options {
  /** The service's folder, for its migrations. The default is `services/<name>`. */
  readonly folder?: string;
}

const running = new WeakMap<Service, Running>();

/**
 * Binds a contract to its handlers and yields a plain Moleculer schema, which `moleculer-runner` and the REPL load like any
 * other. The compiler demands exactly one handler for each action of the contract. Contracts stay in closures, because
 * Moleculer clones schemas and a cloned zod object is broken.
 */
export function service<C extends object>(
  name: string,
  contract: C,
  define: (resources: Resources) => Definition<C>,
  options: Options = {},
): ServiceSchema {
  const all: Record<string, Action> = { ...actionsOf(contract), ...kernelContract(name) };
  const events = Object.values(contract).filter((value): value is Event => value?.kind === "event");
  return {
    name,
    actions: Object.fromEntries(Object.entries(all).map(([key, action]) => [key, moleculerAction(key, action)])),
    events: {
      "feed.moved"(this: Service, ctx: { params: { feed?: unknown } }) {
        running.get(this)?.nudge(String(ctx.params.feed));
      },
    },
    async started(this: Service) {
      const parts = { broker: this.broker, name, contract: actionsOf(contract), events, define, ...options };
      const here = await startService(parts);
      running.set(this, here);
      // Told to all nodes with the service.
      this.metadata.feeds = here.feeds;
      join(this.broker);
    },
    async stopped(this: Service) {
      const here = running.get(this);
      if (!here) return;
      await here.finish().finally(() => leave(this.broker));
      await here.close();
      running.delete(this);
    },
  };
}

function moleculerAction(key: string, action: Action) {
  const { http, access, repeat, timeout, summary } = action;
  return {
    visibility: http ? ("published" as const) : ("public" as const),
    timeout,
    bulkhead: { enabled: true, ...limitsOf(repeat) },
    ...(http && { rest: http.route }),
    // Travels to every node: the gateway builds its routes from it and never imports a contract.
    contract: { access, repeat, summary, ...(http && { http }) },
    handler(this: Service, ctx: BusContext) {
      const here = running.get(this);
      if (!here) throw new Error(`${action.name} was called before its service had started`);
      return handle(action, here.handlers[key]!, ctx, here);
    },
  };
}
