import type { Caller } from "../../lib/edge.ts";
import { fault } from "../../lib/fault.ts";
import type { Route } from "./routes.ts";

type Asked = Pick<Route, "service" | "access" | "repeat">;

/**
 * As whom a caller may use a route. An administrator without the scope is nobody in particular where anybody may ask.
 *
 * @throws `forbidden`, with the name of the scope, where nobody else may.
 */
export function within({ service, access, repeat }: Asked, caller: Caller): Caller {
  if (caller.kind !== "admin") return caller;
  const right = repeat === "safe" ? "read" : "write";
  if (allows(caller.scopes, service, right)) return caller;
  if (access === "public") return { kind: "guest" };
  throw fault("forbidden", `This key lacks the scope ${service}:${right}.`);
}

/** Whether one of the scopes covers it. Writing includes reading. */
export function allows(scopes: readonly string[], service: string, right: "read" | "write"): boolean {
  const rights = right === "read" ? ["read", "write"] : ["write"];
  const enough = new Set(["*", ...rights.flatMap((each) => [`*:${each}`, `${service}:${each}`])]);
  return scopes.some((scope) => enough.has(scope));
}
