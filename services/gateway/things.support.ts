import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { action } from "../../lib/contract.ts";
import { fault } from "../../lib/fault.ts";
import type { Handlers } from "../../lib/service.ts";

const Thing = z.object({ id: z.string(), name: z.string() });
const Tree: z.ZodType = z.lazy(() => z.object({ name: z.string(), children: z.array(Tree) }));
const ById = z.object({ id: z.string().regex(/^t\d+$/) });

/** A service like any other, with a route of each kind. */
export const contract = {
  findThings: action("things.findThings", {
    summary: "Lists things.",
    input: z.object({ q: z.string().optional(), isRed: z.boolean().optional(), limit: z.int().min(1).max(100).default(20) }),
    output: z.object({ data: z.array(Thing), asked: z.unknown() }),
    access: "public",
    http: { route: "GET /store/v1/things", limit: "search", cacheControl: "public, max-age=5" },
  }),
  browseThings: action("things.browseThings", {
    summary: "What a shop window shows.",
    input: z.object({ size: z.int().default(0) }),
    output: z.object({ data: z.string() }),
    access: "public",
    http: { route: "GET /store/v1/window", cacheControl: "public, max-age=5, stale-while-revalidate=60" },
  }),
  glimpseThings: action("things.glimpseThings", {
    summary: "What is soon too old to be shown.",
    input: z.object({}),
    output: z.object({}),
    access: "public",
    http: { route: "GET /store/v1/glimpse", cacheControl: "public, max-age=1, stale-if-error=9" },
  }),
  getThing: action("things.getThing", {
    summary: "One thing.",
    input: ById.extend({ token: z.string().optional() }),
    output: Thing.extend({ token: z.string().nullable(), requestId: z.string() }),
    access: "public",
    http: { route: "GET /store/v1/things/:id", faults: ["not_found"], headers: { token: "x-thing-token" } },
  }),
  makeThing: action("things.makeThing", {
    summary: "Makes a thing.",
    input: z.object({ name: z.string().min(1), size: z.object({ width: z.int() }).optional() }),
    output: Thing,
    access: "public",
    http: { route: "POST /store/v1/things", status: 201 },
  }),
  renameThing: action("things.renameThing", {
    summary: "Gives it another name.",
    input: ById.extend({ name: z.string() }),
    output: Thing,
    access: "public",
    http: "PATCH /store/v1/things/:id",
  }),
  buyThing: action("things.buyThing", {
    summary: "Buys it.",
    input: ById,
    output: Thing,
    access: "public",
    repeat: "keyed",
    http: { route: "POST /store/v1/things/:id/purchase", limit: "checkout", keyRequired: true, faults: ["insufficient_stock"] },
  }),
  followThing: action("things.followThing", {
    summary: "Follows it.",
    input: ById,
    output: z.object({ looks: z.int() }),
    access: "public",
    http: { route: "GET /store/v1/things/:id/events", events: true, faults: ["not_found"] },
  }),
  findTrees: action("things.findTrees", {
    summary: "A shape that contains itself.",
    input: z.object({}),
    output: z.object({ data: z.array(Tree) }),
    access: "public",
    http: "GET /store/v1/trees",
  }),
  getPicture: action("things.getPicture", {
    summary: "A picture.",
    input: z.object({ name: z.string() }),
    output: z.object({ body: z.string() }),
    access: "public",
    http: { route: "GET /media/things/:name", answers: "image/svg+xml", cacheControl: "public, max-age=60" },
  }),
  waitAWhile: action("things.waitAWhile", {
    summary: "Takes its time.",
    input: z.object({ ms: z.int() }),
    output: z.object({}),
    access: "public",
    timeout: 2_800,
    http: "GET /store/v1/wait",
  }),
  payAWhile: action("things.payAWhile", {
    summary: "Takes its time, too, and is not browsing.",
    input: z.object({ ms: z.int() }),
    output: z.object({}),
    access: "public",
    http: "POST /store/v1/wait",
  }),
  fail: action("things.fail", {
    summary: "Fails in some way.",
    input: z.object({ how: z.string() }),
    output: z.object({}),
    access: "public",
    http: { route: "GET /store/v1/fail", faults: ["insufficient_stock"] },
  }),
  readSecret: action("things.readSecret", {
    summary: "For administrators.",
    input: z.object({}),
    output: z.object({ who: z.string() }),
    access: "admin",
    http: "GET /admin/v1/secret",
  }),
  receivePiece: action("things.receivePiece", {
    summary: "Takes a piece of a file.",
    input: z.object({ upload: z.string(), index: z.int(), base64: z.string() }),
    output: z.object({}),
    repeat: "keyed",
  }),
  importThings: action("things.importThings", {
    summary: "Takes a file.",
    input: z.object({ upload: z.string() }),
    output: z.object({ sizes: z.array(z.int()), text: z.string() }),
    access: "admin",
    http: {
      route: "POST /admin/v1/things/imports",
      status: 202,
      body: { kind: "upload", mediaType: "text/csv", limit: 1_000_000, to: "things.receivePiece" },
    },
  }),
  hearOf: action("things.hearOf", {
    summary: "Takes bytes as they come.",
    input: z.object({ from: z.string(), raw: z.string(), signature: z.string().optional() }),
    output: z.object({ from: z.string(), raw: z.string(), signature: z.string().nullable() }),
    access: "public",
    http: {
      route: "POST /webhooks/things/:from",
      limit: "none",
      body: { kind: "raw", limit: 1_000 },
      headers: { signature: "x-signature" },
    },
  }),
};

/** What the service of a test has seen. */
export interface Witness {
  pieces: number[];
  text: string;
  looks: number;
  made: number;
}

const wait = async ({ ms }: { ms: number }) => {
  await sleep(ms);
  return {};
};

/** The handlers of that service. */
export const handlers = (seen: Witness): Handlers<typeof contract> => ({
  findThings: async (asked) => ({ data: [{ id: "t1", name: "one" }], asked }),
  browseThings: async ({ size }) => ({ data: "x".repeat(size) }),
  glimpseThings: async () => ({}),
  getThing: async ({ id, token = null }, { requestId }) => {
    if (id !== "t1") throw fault("not_found");
    return { id, name: "one", token, requestId };
  },
  makeThing: ({ name }, ctx) => ctx.commit(async () => ({ id: `t${++seen.made}`, name })),
  renameThing: async (given) => given,
  buyThing: async ({ id }) => ({ id, name: "bought" }),
  followThing: async ({ id }) => {
    if (id !== "t1") throw fault("not_found");
    return { looks: Math.floor(seen.looks++ / 2) };
  },
  findTrees: async () => ({ data: [] }),
  getPicture: async ({ name }) => ({ body: `<svg>${name}</svg>` }),
  waitAWhile: wait,
  payAWhile: wait,
  fail: async ({ how }) => failing(how),
  readSecret: async (_, { caller }) => ({ who: caller.kind }),
  receivePiece: async ({ index, base64 }) => {
    const piece = Buffer.from(base64, "base64");
    seen.pieces[index] = piece.length;
    seen.text += piece.toString();
    return {};
  },
  importThings: async () => ({ sizes: seen.pieces, text: seen.text.slice(0, 20) }),
  hearOf: async ({ from, raw, signature = null }) => ({ from, raw, signature }),
});

function failing(how: string): never {
  if (how === "stock") throw fault("insufficient_stock", undefined, { details: [{ sku: "mug", requested: 2, available: 1 }] });
  if (how === "busy") throw fault("unavailable", undefined, { retryAfter: 7 });
  throw new Error("select * from secrets where node = 'inside-1234'");
}
