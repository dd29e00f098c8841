import type { IncomingMessage, ServerResponse } from "node:http";
import type { CallingOptions, Context, Service, ServiceSchema } from "moleculer";
import ApiGateway from "moleculer-web";
import type { Meta } from "../../lib/handling.ts";
import type { Exchange } from "./reply.ts";

/** A request that has been read and checked and only has to be carried to its service. */
export interface Errand {
  readonly exchange: Exchange;
  readonly action: string;
  readonly input: Record<string, unknown>;
  readonly meta: Meta;
  /** Milliseconds. */
  readonly timeout: number;
  done(output: unknown, meta: Meta): void;
  failed(error: unknown): void;
}

const errands = new WeakMap<IncomingMessage, Errand>();

/** moleculer-web's own deadline is only a net below that of the call, so that one timeout is not reported twice. */
const NET = 1_000;

/** What moleculer-web adds to a service. */
type WebService = Service & {
  readonly routes: readonly unknown[];
  httpHandler(req: IncomingMessage, res: ServerResponse, next: () => void): void;
  regenerateAllAutoAliases(): void;
};

type Request = IncomingMessage & { $ctx: Context<unknown, Meta>; originalUrl?: string; query?: object };

const settings = {
  // Settings are sent to every node.
  $secureSettings: ["port", "ip", "routes", "rootCallOptions"],
  server: false,
  logRequest: null,
  logRequestParams: null,
  logResponse: null,
  logRouteRegistration: null,
  rootCallOptions(options: CallingOptions, req: IncomingMessage) {
    const { exchange, meta, timeout } = errandOf(req);
    // Our own drain waits for requests; Moleculer's would wait before it has begun.
    Object.assign(options, { requestID: exchange.id, meta, timeout: timeout + NET, tracking: false });
  },
  routes: [{ path: "/", mappingPolicy: "restrict", aliases: {}, mergeParams: false, bodyParsers: false, logging: false }],
};

/**
 * moleculer-web, without its server: it gives a request a context of its own for tracing and metrics. Addresses, bodies and
 * answers are ours, and so it is told an action's name as the address: its own search would try every route's pattern in turn.
 */
export const web: Partial<ServiceSchema> = {
  mixins: [ApiGateway],
  settings,
  // Never published, and nobody on the bus shall change what is.
  actions: { listAliases: false, addRoute: false, removeRoute: false } as never,
  methods: {
    resolveAlias(this: WebService, url: string) {
      return { alias: { action: url.slice(1), route: this.routes[0], _notDefined: true }, params: {} };
    },
    /**
     * moleculer-web picks a node itself and calls that one. By name, the first call goes the way of all others: while a
     * service's only node is being replaced, it waits for the next one.
     */
    async aliasHandler(req: Request) {
      const { action, input, timeout, done } = errandOf(req);
      // The call gets what is left of this.
      req.$ctx.options.timeout = timeout;
      done(await req.$ctx.call(action, input), req.$ctx.meta);
      return true;
    },
    errorHandler(req: Request, _res: ServerResponse, error: unknown) {
      errandOf(req).failed(error);
    },
  },
  created(this: Service) {
    // There are no automatic aliases. Its timer would tell every node so at each change, and hold a process that has ended.
    (this as WebService).regenerateAllAutoAliases = () => {};
  },
};

function errandOf(req: IncomingMessage): Errand {
  const errand = errands.get(req);
  if (!errand) throw new Error("moleculer-web was given a request without an errand");
  return errand;
}

/** Hands a request over to moleculer-web. */
export function carry(service: Service, errand: Errand): void {
  const { req, res } = errand.exchange;
  errands.set(req, errand);
  Object.assign(req, { originalUrl: req.url, url: `/${errand.action}`, query: {} });
  delete req.headers["x-correlation-id"];
  (service as WebService).httpHandler(req, res, () => errand.failed(new Error(`moleculer-web did not know ${errand.action}`)));
}
