import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Service } from "moleculer";
import type { Caller, Edge } from "../../lib/edge.ts";
import { fault } from "../../lib/fault.ts";
import { authorize, type Meta } from "../../lib/handling.ts";
import type { Log } from "../../lib/log.ts";
import type { Admission } from "./admission.ts";
import type { Authenticate } from "./caller.ts";
import { wayOf } from "./client-address.ts";
import type { EventStreams } from "./event-stream.ts";
import { ClientGone, fail } from "./failure.ts";
import { headerFields, idempotencyKey, merge, pathFields } from "./input.ts";
import { readJson, readRaw } from "./json-body.ts";
import type { LastAnswers } from "./last-answers.ts";
import type { OwnRoute } from "./own-route.ts";
import type { Found } from "./path-tree.ts";
import { readQuery } from "./query.ts";
import type { RateLimits } from "./rate-limits.ts";
import { type Exchange, reply } from "./reply.ts";
import type { Route, RouteTable } from "./routes.ts";
import { within } from "./scopes.ts";
import { takeUpload } from "./upload.ts";
import { carry } from "./web.ts";

/** What serving a request needs. */
export interface Desk {
  readonly self: Service;
  readonly table: RouteTable<OwnRoute>;
  readonly admission: Admission;
  readonly rateLimits: RateLimits;
  readonly streams: EventStreams;
  readonly lastAnswers: LastAnswers;
  readonly log: Log;
  /** Of a JSON body: bytes, and milliseconds, which are also the budget of the whole request. */
  readonly limits: { readonly size: number; readonly time: number };
  readonly authenticate: Authenticate;
  /** A service of the shop was never seen, and so not every route is known. */
  readonly isIncomplete: () => boolean;
}

/** Serves one request. Answers the route's name, for the figures. */
export function serve(desk: Desk, req: IncomingMessage, res: ServerResponse, isLast: () => boolean): string {
  const exchange = exchangeOf(req, res, isLast);
  const method = req.method === "HEAD" ? "GET" : (req.method ?? "");
  const found = desk.table.find(exchange.path);
  const route = found?.methods.get(method);
  if (!route) {
    refuse(desk, exchange, found);
    return found ? "wrong method" : "unknown";
  }
  const name = `${route.method} ${route.path}`;
  const give = "serve" in route ? async () => route.serve(exchange) : () => answer(desk, exchange, route, found!.values);
  const instead = () => !("serve" in route) && desk.lastAnswers.give(exchange, route);
  give().catch((error: unknown) => fail(exchange, error, { name, log: desk.log, instead }));
  return name;
}

const REQUEST_ID = /^[\w.-]{1,64}$/;

function exchangeOf(req: IncomingMessage, res: ServerResponse, isLast: () => boolean): Exchange {
  const url = req.url ?? "";
  const cut = url.indexOf("?");
  const given = req.headers["x-request-id"];
  const id = typeof given === "string" && REQUEST_ID.test(given) ? given : randomUUID();
  return { req, res, id, isLast, path: cut === -1 ? url : url.slice(0, cut), query: cut === -1 ? "" : url.slice(cut + 1) };
}

function refuse({ log, isIncomplete }: Desk, exchange: Exchange, found: Found<Route | OwnRoute> | undefined): void {
  const as = { name: exchange.path, log };
  if (!found) return fail(exchange, isIncomplete() ? fault("unavailable", undefined, { retryAfter: 1 }) : fault("not_found"), as);
  const allowed = [...found.methods.keys()].flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  fail(exchange, fault("method_not_allowed"), { ...as, headers: { Allow: allowed.join(", ") } });
}

async function answer(desk: Desk, exchange: Exchange, route: Route, values: readonly string[]): Promise<void> {
  const { req, res } = exchange;
  const caller = await callerOf(desk, exchange, route).catch(async (error: unknown) => {
    await desk.rateLimits.take("other", { kind: "guest" }, wayOf(req));
    throw error;
  });
  await desk.rateLimits.take(route.http.limit, caller, wayOf(req));
  // Whoever went away while this was found out would not give a place back.
  if (res.destroyed) throw new ClientGone();
  const path = pathFields(route, values);
  const query = readQuery(exchange.query);
  const edge: Edge = {
    path: Object.keys(path),
    query: Object.keys(query),
    method: route.method,
    url: exchange.path,
    ...idempotencyKey(req.headers),
  };
  const given = merge(path, query, headerFields(route, req.headers));
  const request = { exchange, route, meta: { caller, edge }, timeout: Math.min(desk.limits.time, route.timeout ?? Infinity) };
  if (route.http.events) return follow(desk, request, given);
  res.once("close", desk.admission.enter(route));
  carryOut(desk, request, merge(given, await bodyOf(desk, request)));
}

/** Who asks, and may. */
async function callerOf({ authenticate }: Desk, { req }: Exchange, route: Route): Promise<Caller> {
  const caller = within(route, await authenticate(req.headers.authorization));
  authorize({ access: route.access, name: route.action }, caller);
  return caller;
}

interface Request {
  readonly exchange: Exchange;
  readonly route: Route;
  readonly meta: { readonly caller: Caller; readonly edge: Edge };
  readonly timeout: number;
}

async function bodyOf({ self, limits }: Desk, { exchange, route, meta, timeout }: Request): Promise<Record<string, unknown>> {
  if (route.method === "GET") return {};
  const { body } = route.http;
  if (!body) return readJson(exchange, limits);
  if (body.kind === "raw") return { raw: (await readRaw(exchange, { ...limits, size: body.limit })).toString("base64") };
  const options = { meta: { caller: meta.caller, edge: null }, requestID: exchange.id, timeout };
  return { upload: await takeUpload(exchange, body, (action, piece) => self.broker.call(action, piece, options)) };
}

function follow(desk: Desk, { exchange, route, meta, timeout }: Request, input: Record<string, unknown>): Promise<void> {
  return desk.streams.serve(exchange, async () => {
    // A stream may outlive a token and a key.
    const caller = await callerOf(desk, exchange, route);
    const options = { meta: { ...meta, caller }, requestID: exchange.id, timeout };
    return desk.self.broker.call(route.action, input, options);
  });
}

function carryOut(
  { self, log, lastAnswers }: Desk,
  { exchange, route, meta, timeout }: Request,
  input: Record<string, unknown>,
): void {
  const { action, http } = route;
  carry(self, {
    exchange,
    action,
    input,
    meta,
    timeout,
    done(output: unknown, { $statusCode: status = 200, $responseHeaders: headers = {} }: Meta) {
      const body = http.answers ? textOf(output) : JSON.stringify(output);
      const given = { status, headers, body, ...(http.answers && { type: http.answers }) };
      reply(exchange, given);
      lastAnswers.keep(exchange, route, given);
    },
    failed: (error) => fail(exchange, error, { name: action, log, instead: () => lastAnswers.give(exchange, route) }),
  });
}

function textOf(output: unknown): string {
  if (typeof output === "object" && output !== null && "body" in output && typeof output.body === "string") return output.body;
  throw new Error("An action that answers text gave none");
}
