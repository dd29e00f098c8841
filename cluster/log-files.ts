import { closeSync, openSync, renameSync, statSync, writeSync } from "node:fs";
import { type FileHandle, mkdir, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { errorCode } from "../lib/data-folder.ts";

/** Bytes that a log grows to before it is put aside as `<name>.log.1`, in the place of the one before. */
const LIMIT = 5_000_000;
/** Bytes at the end of a file that are looked at for its last lines. */
const TAIL = 262_144;

const folderOf = (data: string): string => join(data, "logs");
export const logPath = (data: string, service: string): string => join(folderOf(data), `${service}.log`);

/** Writes what nodes say to one file for each service, and bounds its size. */
export class LogFiles {
  readonly #data: string;
  readonly #open = new Map<string, { fd: number; size: number }>();

  private constructor(data: string) {
    this.#data = data;
  }

  static async in(data: string): Promise<LogFiles> {
    await mkdir(folderOf(data), { recursive: true, mode: 0o700 });
    return new LogFiles(data);
  }

  /** Text that cannot be written, on a full disk for instance, is dropped: the nodes must go on. */
  write(service: string, text: string | Buffer): void {
    try {
      this.#append(service, Buffer.from(text));
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
    }
  }

  #append(service: string, text: Buffer): void {
    const path = logPath(this.#data, service);
    const file = this.#open.get(service) ?? { fd: openSync(path, "a", 0o600), size: sizeOf(path) };
    this.#open.set(service, file);
    file.size += writeSync(file.fd, text);
    if (file.size < LIMIT) return;
    this.#open.delete(service);
    closeSync(file.fd);
    renameSync(path, `${path}.1`);
  }

  take(service: string, from: Readable): void {
    from.on("data", (chunk: Buffer) => this.write(service, chunk));
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** The services that have a log. */
export async function findLogs(data: string): Promise<string[]> {
  const names = await readdir(folderOf(data)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.filter((name) => name.endsWith(".log")).map((name) => name.slice(0, -".log".length)).toSorted(); // prettier-ignore
}

/** A place in a log, to go on from. */
export interface LogPart {
  readonly lines: readonly string[];
  readonly position: number;
}

/** The last lines of a log, and where it ends. */
export async function readTail(data: string, service: string, count: number): Promise<LogPart> {
  const size = sizeOf(logPath(data, service));
  const { lines, position } = await readFrom(data, service, Math.max(0, size - TAIL));
  return { lines: lines.slice(Math.max(0, lines.length - count)), position };
}

/**
 * What a log has got since a position. When it was put aside meanwhile, the rest of what was put aside and all of the new one.
 * Half a line is left for the next time.
 */
export async function readFrom(data: string, service: string, position: number): Promise<LogPart> {
  const path = logPath(data, service);
  if (position <= sizeOf(path)) return readLines(path, position);
  const [before, now] = [await readLines(`${path}.1`, position), await readLines(path, 0)];
  return { lines: [...before.lines, ...now.lines], position: now.position };
}

async function readLines(path: string, start: number): Promise<LogPart> {
  const file = await openIfThere(path);
  if (!file) return { lines: [], position: 0 };
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.max(0, size - start)), 0, null, start);
    const text = buffer.toString("utf8", 0, bytesRead);
    const end = text.lastIndexOf("\n");
    if (end < 0) return { lines: [], position: start };
    return { lines: text.slice(0, end).split("\n"), position: start + Buffer.byteLength(text.slice(0, end + 1)) };
  } finally {
    await file.close();
  }
}

/** A log that was put aside is not there before the next line is written. */
const openIfThere = (path: string): Promise<FileHandle | undefined> =>
  open(path, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
