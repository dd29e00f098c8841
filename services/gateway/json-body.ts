import { isUtf8 } from "node:buffer";
import { parse } from "secure-json-parse";
import { fault } from "../../lib/fault.ts";
import { ClientGone } from "./failure.ts";
import { type Exchange, hasBody } from "./reply.ts";

interface Limits {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds until the whole body has to be here, so that a client that dribbles does not hold a place for ever. */
  readonly time: number;
}

/** Deeper than any schema of ours and far from what could hurt a recursive function. */
const DEPTH = 20;

/** Reads the JSON object that a request carries; a request without a body carries `{}`. Nothing is parsed before its size and type are known. */
export async function readJson(exchange: Exchange, limits: Limits): Promise<Record<string, unknown>> {
  const { req } = exchange;
  if (!hasBody(req)) return {};
  requireType(req.headers["content-type"], "application/json");
  if (req.headers["content-encoding"]) throw fault("unsupported_media_type", "Compressed bodies are not read.");
  return parseObject(await readAll(exchange, limits));
}

/** Reads a body as it comes, whatever its type: a signature is over its bytes. */
export function readRaw(exchange: Exchange, limits: Limits): Promise<Buffer> {
  if (!hasBody(exchange.req)) throw fault("malformed", "The body is missing.");
  return readAll(exchange, limits);
}

/** @throws `unsupported_media_type` unless it is that media type, in UTF-8. */
export function requireType(given: string | undefined, wanted: string): void {
  const [type = "", ...parameters] = (given ?? "")
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const charset = parameters
    .find((parameter) => parameter.startsWith("charset="))
    ?.slice(8)
    .replaceAll('"', "");
  if (type === wanted && (charset === undefined || charset === "utf-8" || charset === "utf8")) return;
  throw fault("unsupported_media_type", `The content type must be ${wanted}, in UTF-8.`);
}

/** @throws `too_large` when the length is announced and over the limit. */
export function requireSize(length: string | undefined, limit: number): void {
  if (Number(length ?? 0) > limit) throw fault("too_large", `The request may have at most ${limit} bytes.`);
}

function readAll({ req, res }: Exchange, { size, time }: Limits): Promise<Buffer> {
  requireSize(req.headers["content-length"], size);
  if (req.headers.expect) res.writeContinue();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (act: () => void) => {
      clearTimeout(timer);
      req.off("data", take).off("end", end).off("close", gone).pause();
      act();
    };
    const take = (chunk: Buffer) => {
      length += chunk.length;
      if (length > size) return settle(() => reject(fault("too_large", `The request may have at most ${size} bytes.`)));
      chunks.push(chunk);
    };
    const end = () => settle(() => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    const gone = () => settle(() => reject(new ClientGone()));
    const timer = setTimeout(() => settle(() => reject(fault("malformed", "The body did not arrive in time."))), time);
    req.on("data", take).once("end", end).once("close", gone).once("error", gone);
  });
}

function parseObject(bytes: Buffer): Record<string, unknown> {
  if (!isUtf8(bytes)) throw fault("malformed", "The body is not UTF-8.");
  const value = parsed(bytes.toString());
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw fault("invalid", "The body must be a JSON object.");
  requirePlain(value, 1);
  return value as Record<string, unknown>;
}

function parsed(text: string): unknown {
  try {
    return parse(text, undefined, { protoAction: "error", constructorAction: "error" });
  } catch (cause) {
    throw fault("malformed", "The body is not JSON that is accepted here.", { cause });
  }
}

/** Refuses what is legal JSON and yet a trap further on: deep nesting, and NUL, which PostgreSQL cannot store as text. */
function requirePlain(value: unknown, depth: number): void {
  if (typeof value === "string" && value.includes("\0")) throw fault("malformed", "Text must not contain NUL.");
  if (typeof value !== "object" || value === null) return;
  if (depth > DEPTH) throw fault("malformed", `The body is nested deeper than ${DEPTH} levels.`);
  for (const [key, inner] of Object.entries(value)) {
    requirePlain(key, depth);
    requirePlain(inner, depth + 1);
  }
}
