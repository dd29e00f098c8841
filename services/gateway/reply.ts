import { hash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

/** One request and the way to answer it. */
export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** `X-Request-Id`: the client's, or one of ours. */
  readonly id: string;
  /** As it was sent, without the query. */
  readonly path: string;
  readonly query: string;
  /** The gateway is stopping, so that this is the connection's last answer. */
  readonly isLast: () => boolean;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly body?: string;
}

export const JSON_TYPE = "application/json; charset=utf-8";

/** On every answer. A page that needs more says its own Content-Security-Policy. */
const SECURITY = {
  "X-Content-Type-Options": "nosniff",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Referrer-Policy": "no-referrer",
  "X-Frame-Options": "DENY",
};

/** The headers that every answer has. */
export const standardHeaders = ({ id, isLast }: Exchange): Record<string, string> => ({
  ...SECURITY,
  "X-Request-Id": id,
  ...(isLast() && { Connection: "close" }),
});

/** Answers. What may be cached gets an ETag, and 304 where the client has it already; HEAD gets everything but the body. */
export function reply(exchange: Exchange, { status, headers = {}, type = JSON_TYPE, body = "" }: Reply): void {
  const { req, res } = exchange;
  if (res.headersSent || res.destroyed) return;
  const all: Record<string, string | number> = { ...standardHeaders(exchange), "Cache-Control": "no-store", ...headers };
  if (status === 200 && all["Cache-Control"] !== "no-store" && (req.method === "GET" || req.method === "HEAD")) {
    all.ETag = `"${hash("sha1", body, "base64url")}"`;
    if (isKnown(req.headers["if-none-match"], all.ETag)) return void res.writeHead(304, all).end();
  }
  if (body !== "") all["Content-Type"] = type;
  all["Content-Length"] = Buffer.byteLength(body);
  if (hasMuchUnread(req)) return lastWords(exchange, status, all, body);
  res.writeHead(status, all).end(req.method === "HEAD" ? undefined : body);
}

/** Answers with JSON. */
export const replyJson = (exchange: Exchange, status: number, value: unknown, headers: Record<string, string> = {}): void =>
  reply(exchange, { status, headers, body: JSON.stringify(value) });

function isKnown(condition: string | undefined, etag: string): boolean {
  if (!condition) return false;
  return condition === "*" || condition.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}

/** True when the request announces a body. */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;

/** Node reads a small rest away by itself, and the connection lives on. */
const SMALL = 65_536;

const hasMuchUnread = (req: IncomingMessage): boolean =>
  !req.complete && hasBody(req) && !(Number(req.headers["content-length"] ?? Infinity) <= SMALL);

/** How long a client that is still sending may go on, so that it sees the answer and not a broken connection. */
const LINGER = 1_000;

function lastWords({ req, res }: Exchange, status: number, headers: Record<string, string | number>, body: string): void {
  res.writeHead(status, { ...headers, Connection: "close" }).write(body);
  const end = () => {
    clearTimeout(timer);
    res.end();
  };
  const timer = setTimeout(end, LINGER);
  req.once("end", end).once("close", end).resume();
}
