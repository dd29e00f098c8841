import { type Fault, FAULTS, faultCode } from "../../lib/fault.ts";
import { presentable } from "../../lib/handling.ts";
import type { Log } from "../../lib/log.ts";
import { inScope } from "../../lib/scope.ts";
import { type Exchange, replyJson } from "./reply.ts";

/** What those are told who may try again, when nobody knows better. */
const RETRY_AFTER = 1;

/** The client went away before it had sent everything: nobody is left to be answered. */
export class ClientGone extends Error {}

interface Failing {
  /** What failed, for the log. */
  readonly name: string;
  readonly log: Log;
  readonly headers?: Readonly<Record<string, string>>;
  /** Answers in another way what cannot be answered now; false when it cannot. */
  readonly instead?: () => boolean;
}

/** The only place where an error becomes an HTTP answer. Nothing but a fault's code, message and details gets out. */
export function fail(exchange: Exchange, error: unknown, { name, log, headers = {}, instead }: Failing): void {
  const { res, id } = exchange;
  if (error instanceof ClientGone) return void res.destroy();
  const shown = inScope({ requestId: id }, () => presentable(error, { name }, log)) as Fault;
  const code = faultCode(shown) ?? "internal";
  const [status, standard] = FAULTS[code];
  if (status === 503 && instead?.()) return;
  const { details, retryAfter } = dataOf(shown);
  replyJson(
    exchange,
    status,
    { error: { code, message: status === 500 ? standard : shown.message, details, requestId: id } },
    { ...headersFor(status, retryAfter), ...headers },
  );
}

function headersFor(status: number, retryAfter: number | undefined): Record<string, string> {
  if (status === 401) return { "WWW-Authenticate": "Bearer" };
  if (status === 429 || status === 503) return { "Retry-After": String(retryAfter ?? RETRY_AFTER) };
  return retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) };
}

function dataOf({ data }: Fault): { details: unknown[]; retryAfter?: number } {
  const { details, retryAfter } = (data ?? {}) as { details?: unknown; retryAfter?: unknown };
  return {
    details: Array.isArray(details) ? details : [],
    ...(typeof retryAfter === "number" && { retryAfter: Math.ceil(retryAfter) }),
  };
}
