import type { Context } from "moleculer";

/** Milliseconds since a call was taken up on this node, waiting for a place included; 0 for a call without a time limit. */
export function elapsed(ctx: Pick<Context, "startHrTime">): number {
  if (!ctx.startHrTime) return 0;
  const [seconds, nanoseconds] = process.hrtime(ctx.startHrTime);
  return seconds * 1_000 + nanoseconds / 1e6;
}
