import { once } from "node:events";
import { chmod, mkdir, rm } from "node:fs/promises";
import { createConnection, createServer, type Socket } from "node:net";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** What processes of one machine say to each other: a line of JSON each, over a Unix socket in the data folder. */
type Line =
  | { readonly kind: "ask"; readonly id: number; readonly method: string; readonly params: unknown }
  | { readonly kind: "answer"; readonly id: number; readonly result: unknown }
  | { readonly kind: "refusal"; readonly id: number; readonly message: string; readonly code?: string | undefined }
  | { readonly kind: "news"; readonly topic: string; readonly news: unknown };

/** The other side could not do what it was asked; the message is for people. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: string | undefined;

  constructor(message: string, code?: string) {
    super(message);
    this.code = code;
  }
}

/** One end of a connection, as the side that serves sees it. */
export interface Peer {
  tell(topic: string, news: unknown): void;
  readonly gone: Promise<void>;
}

export interface Door extends AsyncDisposable {
  /** Tells everybody who is connected. */
  tell(topic: string, news: unknown): void;
  close(): Promise<void>;
}

export type Answering = (method: string, params: unknown, peer: Peer) => Promise<unknown>;

/** The longest path that every system takes for a Unix socket. */
const LONGEST_PATH = 100;

/** Where a socket of a data folder is: in it, or in the temporary folder when its path is too long for a socket. */
export function socketPath(folder: string, name: string): string {
  const path = join(folder, `${name}.sock`);
  if (path.length <= LONGEST_PATH) return path;
  const short = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  return join(tmpdir(), `brickwork-${process.getuid?.() ?? 0}-${short}`, `${name}.sock`);
}

/** Serves on a Unix socket that only this user can open. */
export async function openDoor(path: string, answer: Answering): Promise<Door> {
  const sockets = new Map<Socket, Peer>();
  const server = createServer((socket) => {
    sockets.set(socket, attend(socket, answer));
    socket.once("close", () => sockets.delete(socket));
  });
  await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
  await rm(path, { force: true });
  server.listen(path);
  await once(server, "listening");
  await chmod(path, 0o600);
  const close = async (): Promise<void> => {
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets.keys()) socket.end();
    setTimeout(() => sockets.forEach((_, socket) => socket.destroy()), 500).unref();
    await closed;
  };
  return {
    tell: (topic, news) => sockets.forEach((peer) => peer.tell(topic, news)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function attend(socket: Socket, answer: Answering): Peer {
  const gone = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const peer: Peer = { tell: (topic, news) => write(socket, { kind: "news", topic, news }), gone };
  const take = async (line: Line): Promise<void> => {
    if (line.kind !== "ask") return;
    const { id, method, params } = line;
    try {
      write(socket, { kind: "answer", id, result: await answer(method, params, peer) });
    } catch (error) {
      write(socket, {
        kind: "refusal",
        id,
        message: error instanceof Error ? error.message : String(error),
        code: codeOf(error),
      });
    }
  };
  read(socket, (line) => void take(line));
  return peer;
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof Refusal) return error.code;
  return error instanceof Error && "type" in error ? String(error.type) : undefined;
}

function write(socket: Socket, line: Line): void {
  if (socket.writable) socket.write(`${JSON.stringify(line)}\n`);
}

function read(socket: Socket, take: (line: Line) => void): void {
  // What breaks a local connection is its other end's death, which is seen by its closing.
  socket.on("error", () => socket.destroy());
  createInterface({ input: socket }).on("line", (text) => take(JSON.parse(text) as Line));
}

/** One end of a connection, as the side that asks sees it. */
export interface Wire {
  /** Throws a Refusal when the other side refuses, or goes away before it has answered. */
  ask<T>(method: string, params?: unknown): Promise<T>;
  onNews(topic: string, hear: (news: unknown) => void): void;
  readonly gone: Promise<void>;
  close(): void;
}

/** Connects to a socket; undefined when nobody serves there. */
export async function connectTo(path: string): Promise<Wire | undefined> {
  const socket = createConnection(path);
  try {
    await once(socket, "connect");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ECONNREFUSED") return undefined;
    throw error;
  }
  return wire(socket);
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Refusal) => void;
}

function wire(socket: Socket): Wire {
  const waiting = new Map<number, Waiting>();
  const hearers = new Map<string, (news: unknown) => void>();
  let last = 0;
  const gone = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  void gone.then(() => waiting.forEach(({ reject }) => reject(new Refusal("The other side has gone.", "gone"))));
  read(socket, (line) => {
    if (line.kind === "news") return hearers.get(line.topic)?.(line.news);
    if (line.kind === "ask") return;
    const asked = waiting.get(line.id);
    waiting.delete(line.id);
    if (line.kind === "answer") asked?.resolve(line.result);
    else asked?.reject(new Refusal(line.message, line.code));
  });
  return {
    ask: <T>(method: string, params: unknown = {}) =>
      new Promise<T>((resolve, reject) => {
        if (!socket.writable) return reject(new Refusal("The other side has gone.", "gone"));
        waiting.set(++last, { resolve: resolve as (result: unknown) => void, reject });
        write(socket, { kind: "ask", id: last, method, params });
      }),
    onNews: (topic, hear) => void hearers.set(topic, hear),
    gone,
    close: () => void socket.end(),
  };
}
