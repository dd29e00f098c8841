import type { ServiceSchema } from "moleculer";
import { z } from "zod";
import { action, type Repeat } from "../contract.ts";
import type { Ctx } from "../service.ts";
import { service } from "../service.ts";

const shape = (repeat: Repeat, timeout = 5_000) => ({
  summary: "Does what the test says.",
  input: z.object({}),
  output: z.object({ by: z.string() }),
  repeat,
  timeout,
});

/** A service whose three actions do the same and differ in what may be repeated. */
export const tool = {
  read: action("tool.read", shape("safe")),
  keep: action("tool.keep", shape("keyed")),
  charge: action("tool.charge", shape("never")),
};

/** The service, and what has reached it. `work` gets the number of the call, from 1. */
export function toolService(by: string, work: (call: number, ctx: Ctx) => Promise<void> | void = () => {}) {
  const seen = { calls: 0 };
  const handler = async (_input: object, ctx: Ctx) => {
    await work(++seen.calls, ctx);
    return { by };
  };
  const actions = { read: handler, keep: handler, charge: handler };
  const schema: ServiceSchema = service("tool", tool, () => ({ actions }), { folder: "/nowhere" });
  return { schema, seen };
}

export const never = () => new Promise<void>(() => {});

/** What a call came to: who answered it, or the type of its error. */
export const outcome = (call: Promise<{ by: string }>): Promise<string> =>
  call.then(
    ({ by }) => by,
    (error: { type?: string; message: string }) => error.type ?? error.message,
  );
