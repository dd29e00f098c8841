import { z } from "zod";
import type { Http } from "../../lib/contract.ts";
import type { Log } from "../../lib/log.ts";
import { RATE_LIMIT_NAMES } from "../../lib/rate-limits.ts";
import { type Found, PathTree } from "./path-tree.ts";

/** What an action's definition says in the registry. Another language's service may have written it, so it is checked. */
const Published = z.object({
  name: z.string(),
  timeout: z.number().optional(),
  visibility: z.literal("published").nullish(),
  contract: z.object({
    access: z.enum(["public", "customer", "admin"]),
    repeat: z.enum(["safe", "keyed", "never"]).default("never"),
    summary: z.string().default(""),
    http: z.looseObject({
      route: z.string().regex(/^(GET|POST|PUT|PATCH|DELETE) \/\S*$/),
      cacheControl: z.string().optional(),
      headers: z.record(z.string(), z.string()).optional(),
      body: z
        .discriminatedUnion("kind", [
          z.object({ kind: z.literal("upload"), mediaType: z.string(), limit: z.int(), to: z.string() }),
          z.object({ kind: z.literal("raw"), limit: z.int() }),
        ])
        .optional(),
      answers: z.string().optional(),
      events: z.boolean().optional(),
      // A name that only a newer release knows must not cost the route.
      limit: z
        .enum(["none", ...RATE_LIMIT_NAMES])
        .optional()
        .catch(undefined),
    }),
  }),
});

/** A service as the registry knows it. */
export const LiveService = z.object({
  fullName: z.string(),
  nodes: z.array(z.string()),
  actions: z.record(z.string(), z.unknown()),
});
export type LiveService = z.output<typeof LiveService>;

/** One thing that is served over HTTP by a service. */
export interface Route {
  readonly method: string;
  readonly path: string;
  /** Names of the path's parameters, in their order. */
  readonly parameters: readonly string[];
  readonly service: string;
  readonly action: string;
  readonly access: "public" | "customer" | "admin";
  /** `safe` is a read. */
  readonly repeat: "safe" | "keyed" | "never";
  readonly summary: string;
  readonly timeout?: number | undefined;
  readonly http: Omit<Http, "route">;
}

/** The routes of all services, kept when a service is gone: it will come back, and until then its answer is 503 and not 404. */
export class RouteTable<Own extends { method: string; path: string }> {
  readonly #own: readonly Own[];
  readonly #log: Log;
  readonly #known = new Map<string, readonly Route[]>();
  #tree = new PathTree<Route | Own>();

  constructor(own: readonly Own[], log: Log) {
    this.#own = own;
    this.#log = log;
    this.learn([]);
  }

  /** Takes over what live services publish now. A route that a live service has given up is gone. */
  learn(services: readonly LiveService[]): void {
    for (const service of services) this.#known.set(service.fullName, this.#routesOf(service));
    const tree = new PathTree<Route | Own>();
    for (const route of [...this.#own, ...this.all()]) {
      if (!tree.add(route.method, route.path, route)) this.#log.warn(`${route.method} ${route.path} is published twice`);
    }
    this.#tree = tree;
  }

  find(path: string): Found<Route | Own> | undefined {
    return this.#tree.find(path);
  }

  hasSeen(service: string): boolean {
    return this.#known.has(service);
  }

  /** The routes of services, whether these live or not. */
  all(): Route[] {
    return [...this.#known.values()].flat();
  }

  #routesOf({ fullName, actions }: LiveService): Route[] {
    return Object.values(actions).flatMap((action) => {
      const { success, data } = Published.safeParse(action);
      if (success) return [toRoute(fullName, data)];
      if (hasHttp(action)) this.#log.warn(`${fullName} publishes a route that cannot be understood`, { action });
      return [];
    });
  }
}

const hasHttp = (action: unknown): boolean => z.object({ contract: z.object({ http: z.object({}) }) }).safeParse(action).success;

function toRoute(
  service: string,
  { name, timeout, contract: { access, repeat, summary, http } }: z.output<typeof Published>,
): Route {
  const [method = "", path = ""] = http.route.split(" ");
  const parameters = path.split("/").flatMap((segment) => (segment.startsWith(":") ? [segment.slice(1)] : []));
  return { method, path, parameters, service, action: name, access, repeat, summary, timeout, http: http as Omit<Http, "route"> };
}
