import type { Middleware, Service, ServiceSchema } from "moleculer";

/** How many calls a node has answered since it started, and how many of them failed for reasons that were not the caller's. */
export interface CallCounts {
  readonly calls: number;
  readonly errors: number;
}

/** The action under which every node tells its counts, for the supervisor that rolls a release out. */
export const CALL_COUNTS = "$calls.counts";

/** Counts what a node answers. Calls of the kernel's own (health and the like) and of Moleculer do not count. */
export function callCounter(): { readonly middleware: Middleware; readonly schema: ServiceSchema } {
  let calls = 0;
  let errors = 0;
  const isFailure = (error: unknown): boolean => {
    const code = error instanceof Error && "code" in error ? Number(error.code) : 500;
    return !(code < 500);
  };
  return {
    middleware: {
      name: "CallCounter",
      localAction(next, action) {
        if (action.name?.startsWith("$") || action.name?.endsWith(".health")) return next;
        return async function (this: Service, ctx) {
          calls++;
          try {
            return (await Reflect.apply(next, this, [ctx])) as unknown;
          } catch (error) {
            if (isFailure(error)) errors++;
            throw error;
          }
        };
      },
    },
    schema: { name: "$calls", actions: { counts: { handler: (): CallCounts => ({ calls, errors }) } } },
  };
}
