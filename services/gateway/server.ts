import { createServer, STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, Server as NetServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { OperatorError } from "../../lib/operator-error.ts";

/** Milliseconds. A client sends its headers at once, or it means harm. */
const HEADERS = 10_000;
/** An upload of 50 MB over a slow line is the longest request; JSON bodies have a time limit of their own. */
const REQUEST = 600_000;
/** How often Node looks for those who are over their time. */
const CHECK = 1_000;
/** What is under way when the gateway stops has this long. */
const DRAIN = 10_000;
/** Connections that wait while a gateway is held up or one takes over from another: seconds of a busy shop. Node's 511 are one. */
const BACKLOG = 4_096;

export interface HttpServer {
  /** With the port that was really taken. */
  readonly url: string;
  /** Takes no more connections, lets those there are come to their end, and cuts what is left after 10 s. */
  close(): Promise<void>;
}

interface Options {
  readonly host: string;
  readonly port: number;
  /** A socket that is bound already and outlives this process: what waits in its queue when we close is for our successor. */
  readonly listenFd?: number | undefined;
  /** Milliseconds that an idle connection is kept, also while the server closes: closed any earlier, it could break a request that is on its way. */
  readonly keepAlive: number;
}

type Handler = (req: IncomingMessage, res: ServerResponse) => void;

/** Listens. Throws an OperatorError when the address cannot be had. */
export async function listen({ host, port, listenFd, keepAlive }: Options, handler: Handler): Promise<HttpServer> {
  const server = createServer({ headersTimeout: HEADERS, requestTimeout: REQUEST, connectionsCheckingInterval: CHECK }, handler);
  server.keepAliveTimeout = keepAlive;
  // A client that asks before it sends a large body is told first whether it may.
  server.on("checkContinue", handler);
  server.on("timeout", endIdle);
  server.on("clientError", refuse);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(notListening(error, host, port)));
    server.listen({ ...(listenFd === undefined ? { port, host } : { fd: listenFd }), backlog: BACKLOG }, resolve);
  });
  return { url: urlOf(server.address() as AddressInfo), close: () => drain(server) };
}

function notListening(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === "EADDRINUSE")
    return new OperatorError(`Port ${port} is taken: stop what uses it or choose another one with --port.`);
  if (error.code === "EACCES")
    return new OperatorError(`Port ${port} may not be used by this user: choose one above 1023 with --port.`);
  return new OperatorError(`Cannot listen on ${host}:${port}: ${error.code ?? error.message}.`);
}

function urlOf({ address, port }: AddressInfo): string {
  const host = address === "0.0.0.0" || address === "::" ? "localhost" : address;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** A process that was held up hears of the time that is over before it reads the request that came in time. So it reads first. */
function endIdle(socket: Socket): void {
  const before = socket.bytesRead;
  setImmediate(() => {
    if (socket.bytesRead === before) socket.destroy();
  });
}

async function drain(server: ReturnType<typeof createServer>): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN);
  // Not http's own close, which would also close idle connections at once.
  await new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
  clearTimeout(cut);
}

/** What is not HTTP, too large in its headers or too slow never becomes a request, so it is answered here. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === "ECONNRESET") return void socket.destroy();
  const status = error.code === "HPE_HEADER_OVERFLOW" ? 431 : error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : 400;
  const body = JSON.stringify({ error: { code: "malformed", message: "The request is malformed.", details: [], requestId: "" } });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
