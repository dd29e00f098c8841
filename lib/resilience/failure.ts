/** The parts of a failed call's error that survive the bus. */
export interface Failure {
  readonly type?: unknown;
  readonly code?: unknown;
  /** The node that answered the error; undefined when it was made here. */
  readonly nodeID?: string;
  readonly data?: { readonly action?: unknown } | null;
}

/** Nothing was executed: nobody took the call, or who took it refused it before it began. */
const REFUSED = new Set(["SERVICE_NOT_AVAILABLE", "SERVICE_NOT_FOUND", "NO_RECEIVER", "QUEUE_FULL", "BAD_GATEWAY"]);
/** Nobody knows whether it was executed: no answer in time, or the callee or the link to it went away meanwhile. */
const UNANSWERED = new Set(["REQUEST_TIMEOUT", "REQUEST_REJECTED"]);
/** Whom the call was meant for is gone or on its way. */
const ABSENT = new Set(["SERVICE_NOT_AVAILABLE", "SERVICE_NOT_FOUND", "NO_RECEIVER"]);
/** Our own link or our own lack of time. They say nothing about the callee. */
const OWN = new Set(["BAD_GATEWAY", "REQUEST_REJECTED", "REQUEST_SKIPPED", "MAX_CALL_LEVEL"]);

const typeOf = ({ type }: Failure): string => (typeof type === "string" ? type : "");

/** True when the call itself failed on its way, as opposed to one that its handler made or to an answer of the handler. */
export function isLost(error: Failure, action: string): boolean {
  const type = typeOf(error);
  if (!REFUSED.has(type) && !UNANSWERED.has(type)) return false;
  return error.data?.action === undefined ? error.nodeID === undefined : error.data.action === action;
}

/** True when there was no node at all to send the call to. */
export const hadNobody = (error: Failure): boolean => typeOf(error) === "SERVICE_NOT_AVAILABLE" && error.nodeID === undefined;

/** True when the callee ran out of time. */
export const isLate = (error: Failure): boolean => ["REQUEST_TIMEOUT", "timed_out"].includes(typeOf(error));

/**
 * What a failed call says about the endpoint that it was sent to: it failed (too late, gone, 5xx, unexpected), it answered
 * as it should (4xx, a full queue), or nothing at all.
 */
export function verdict(error: Failure): "failed" | "answered" | "nothing" {
  if (OWN.has(typeOf(error))) return "nothing";
  const isRefusal = typeof error.code === "number" && error.code < 500;
  return isRefusal && !ABSENT.has(typeOf(error)) ? "answered" : "failed";
}
