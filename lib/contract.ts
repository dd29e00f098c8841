import { z } from "zod";
import type { FaultCode } from "./fault.ts";
import type { RateLimit } from "./rate-limits.ts";

type Name = `${string}.${string}`;

/** Where the gateway publishes an action. Path parameters are written `:id` and are fields of the input. */
export type Route = `${"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} /${string}`;

/**
 * Who may call an action.
 * - `public`: anybody, through the gateway;
 * - `customer`: a signed-in customer, or an administrator;
 * - `admin`: whoever holds an administration key;
 * - `internal`: other services only. Never reachable over HTTP.
 */
export type Access = "public" | "customer" | "admin" | "internal";

/**
 * What happens when a call is sent twice.
 * - `safe`: a read, changes nothing;
 * - `keyed`: the second call under the same key gives the first one's answer and changes nothing;
 * - `never`: the platform sends it once and never again by itself.
 */
export type Repeat = "safe" | "keyed" | "never";

/** A remote procedure, as a value: its wire name, the shapes on both sides of the wire and everything the platform must know of it. */
export interface Action<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly kind: "action";
  readonly name: Name;
  /** One sentence for the API's reader. */
  readonly summary: string;
  readonly input: I;
  readonly output: O;
  readonly access: Access;
  readonly repeat: Repeat;
  /** Milliseconds until the caller gives up. A nested call gets at most what is left of its caller's time. */
  readonly timeout: number;
  /** Present only when the gateway publishes this action. */
  readonly http?: Http;
}

export interface Http {
  readonly route: Route;
  /** The status of a success, 200 if not said. A handler may answer another one with `ctx.respond`. */
  readonly status?: number;
  /** Other statuses of success that a handler may answer, for the API's documentation. */
  readonly alsoStatus?: readonly number[];
  /** `Cache-Control` of a success. Personal data is `no-store`, which is the default. */
  readonly cacheControl?: string;
  /** The error codes of `lib/fault.ts` that a caller should be ready for, besides the general ones. */
  readonly faults?: readonly FaultCode[];
  /** By which limit the requests of a client are counted, `other` if not said. `none` is for those who prove by a signature who they are. */
  readonly limit?: RateLimit | "none";
  /** A POST that does nothing without an `Idempotency-Key`. */
  readonly keyRequired?: boolean;
  /** The service keeps the key with its own data and rebuilds the answer; the kernel only hands it over as `ctx.idempotency`. */
  readonly keepsKey?: boolean;
  /** Input fields that are read from request headers: field name to header name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A body that is not JSON: a file, or bytes that the service itself must see as they came. */
  readonly body?: Upload | Raw;
  /** The media type of the answer when it is not JSON; the output is then `{ body: string }`. */
  readonly answers?: string;
  /** The answer is a stream of server-sent events: the gateway repeats the call and sends what has changed. */
  readonly events?: boolean;
}

/**
 * How a file reaches a service: no packet on the bus is large, so the gateway calls `to` for each piece with
 * `{ upload, index, base64 }` and then the action itself with `{ upload }`.
 */
export interface Upload {
  readonly kind: "upload";
  readonly mediaType: string;
  /** In bytes. */
  readonly limit: number;
  /** The name of the internal action that takes the pieces. */
  readonly to: string;
}

/** A small body that reaches the service byte for byte, because a signature is over these: the input field `raw`, in base64. */
export interface Raw {
  readonly kind: "raw";
  /** In bytes. */
  readonly limit: number;
}

/** A fact that a service announced, in the past tense. */
export interface Event<P extends z.ZodType = z.ZodType> {
  readonly kind: "event";
  readonly name: Name;
  readonly payload: P;
  /** The field of the payload whose value keeps the order: events of one key are handled one after the other. */
  readonly key: string;
}

type Shape<I, O> = { input: I; output: O; summary: string; repeat?: Repeat; timeout?: number } & (
  { access?: "internal"; http?: never } | { access: Exclude<Access, "internal">; http: Http | Route }
);

const DEFAULT_TIMEOUT = 5_000;

/**
 * Declares an action. Its name is `<service>.<verb>`; the export's key must equal the second part. Without `repeat` a
 * GET is `safe` and everything else is `never`.
 */
export function action<I extends z.ZodType, O extends z.ZodType>(name: Name, shape: Shape<I, O>): Action<I, O> {
  const http = typeof shape.http === "string" ? { route: shape.http } : shape.http;
  const repeat = shape.repeat ?? (http?.route.startsWith("GET ") ? "safe" : "never");
  const { input, output, summary, access = "internal", timeout = DEFAULT_TIMEOUT } = shape;
  return { kind: "action", name, summary, input, output, access, repeat, timeout, ...(http && { http }) };
}

/** Declares an event. `key` names the field of the payload that keeps the order. */
export const event = <P extends z.ZodObject>(name: Name, key: keyof z.output<P> & string, payload: P): Event<P> => ({
  kind: "event",
  name,
  payload,
  key,
});

export type Input<A> = A extends Action<infer I> ? z.output<I> : never;
export type Output<A> = A extends Action<z.ZodType, infer O> ? z.output<O> : never;
export type Payload<E> = E extends Event<infer P> ? z.output<P> : never;

/** Calls another service's action with the platform's time limits. The compiler checks name, input and outcome. */
export type Call = <A extends Action>(action: A, input: z.input<A["input"]>) => Promise<Output<A>>;

/** A list's answer: the items of one page and where the next one starts. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({
    data: z.array(item),
    meta: z.object({ limit: z.int(), nextCursor: z.string().nullable(), total: z.int().optional() }),
  });

/** The query of a list: how many, and the cursor that the page before gave. */
export const paging = { limit: z.int().min(1).max(100).default(20), cursor: z.string().max(500).optional() };

/**
 * The answer of a list out of what was found, for which one item more than the page holds was asked: that one says whether there
 * is a next page. `cursorOf` the last item shown is where it starts.
 */
export function pageOf<T extends { id: string }>(found: readonly T[], limit: number, cursorOf?: (last: T) => string): Page<T>;
export function pageOf<T>(found: readonly T[], limit: number, cursorOf: (last: T) => string): Page<T>;
export function pageOf<T>(found: readonly T[], limit: number, cursorOf = (last: T) => (last as { id: string }).id): Page<T> {
  const data = found.slice(0, limit);
  return { data, meta: { limit, nextCursor: found.length > limit ? cursorOf(data.at(-1)!) : null } };
}

interface Page<T> {
  data: T[];
  meta: { limit: number; nextCursor: string | null };
}
