import { z } from "zod";
import { action, event } from "../../../lib/contract.ts";

const Thing = z.object({ name: z.string().min(1).max(20), count: z.int() });

export const addThing = action("things.addThing", {
  summary: "Adds one more of a thing.",
  input: z.object({ name: z.string().min(1).max(20), by: z.int().positive().default(1), slowly: z.boolean().optional() }),
  output: Thing,
  access: "public",
  http: { route: "POST /things/:name", status: 201 },
});

export const readThing = action("things.readThing", {
  summary: "How many there are of a thing.",
  input: z.object({
    name: z.string().min(1).max(20),
    deep: z.object({ wanted: z.boolean() }).optional(),
    limit: z.int().optional(),
  }),
  output: Thing,
  access: "public",
  http: "GET /things/:name",
});

export const clear = action("things.clear", {
  summary: "Removes everything.",
  input: z.object({}),
  output: z.object({}),
  access: "admin",
  http: "POST /clear",
});

export const misbehave = action("things.misbehave", {
  summary: "Fails in the way that it is asked to.",
  input: z.object({ how: z.enum(["throws", "wrongShape", "mutates", "fault"]), list: z.array(z.int()).default([]) }),
  output: z.object({ list: z.array(z.int()) }),
});

export const whoAmI = action("things.whoAmI", {
  summary: "Says who asks, and what an action that it calls has seen.",
  input: z.object({ depth: z.int().default(0) }),
  output: z.object({ callers: z.array(z.string()), requestIds: z.array(z.string()) }),
  access: "public",
  http: "GET /who",
});

export const added = event("things.added", "name", z.object({ name: z.string(), count: z.int() }));
