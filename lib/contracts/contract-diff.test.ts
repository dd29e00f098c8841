import { expect, test } from "@jest/globals";
import { z } from "zod";
import { action, event, type Http } from "../contract.ts";
import { describeBreak, diffContracts } from "./contract-diff.ts";
import { documentOf } from "./document.ts";

const route = "GET /things/:id";
const shape = { summary: "", input: z.object({ id: z.string() }), output: z.object({ name: z.string() }) };
const internal = action("things.get", { ...shape, repeat: "safe" });
const published = (http: Partial<Http> = {}, access: "public" | "customer" | "admin" = "public") =>
  action("things.get", { ...shape, access, http: { route, ...http }, repeat: "keyed" });
const made = (key = "id", payload = z.object({ id: z.string(), owner: z.string() })) =>
  event("things.made", key as "id", payload);
const upload = (limit: number) => ({ kind: "upload" as const, mediaType: "text/csv", limit, to: "things.receive" });

const breaks = (before: object, after: object) => diffContracts(documentOf(before), documentOf(after)).map(describeBreak);

const rows: [what: string, before: object, after: object, ...lines: string[]][] = [
  ["a removed action", { get: internal }, {}, "things.get: the action was removed"],
  ["a renamed action", { get: internal }, { find: action("things.find", shape) }, "things.get: the action was removed"],
  ["a removed event", { made: made() }, {}, "things.made: the event was removed"],
  ["another key", { made: made() }, { made: made("owner") }, "things.made: key was id, is owner"],
  [
    "a call that may not be repeated",
    { get: published() },
    { get: { ...published(), repeat: "never" } },
    "things.get: repeat was keyed, is never",
  ],
  [
    "a read that needs a key",
    { get: internal },
    { get: { ...internal, repeat: "keyed" } },
    "things.get: repeat was safe, is keyed",
  ],
  ["customers only", { get: published() }, { get: published({}, "customer") }, "things.get: access was public, is customer"],
  [
    "administrators only",
    { get: published({}, "customer") },
    { get: published({}, "admin") },
    "things.get: access was customer, is admin",
  ],
  [
    "no longer published",
    { get: { ...published() } },
    { get: { ...internal, repeat: "keyed" } },
    "things.get: access was public, is internal",
    "things.get: route GET /things/:id was removed",
  ],
  [
    "another path",
    { get: published() },
    { get: published({ route: "GET /thing/:id" }) },
    "things.get: route was GET /things/:id, is GET /thing/:id",
  ],
  [
    "another method",
    { get: published() },
    { get: published({ route: "POST /things/:id" }) },
    "things.get: route was GET /things/:id, is POST /things/:id",
  ],
  ["another status", { get: published() }, { get: published({ status: 201 }) }, "things.get: status was 200, is 201"],
  [
    "another answer",
    { get: published() },
    { get: published({ answers: "text/csv" }) },
    "things.get: media type was application/json, is text/csv",
  ],
  ["no stream any more", { get: published({ events: true }) }, { get: published() }, "things.get: event stream was yes, is no"],
  [
    "a key that must be sent",
    { get: published() },
    { get: published({ keyRequired: true }) },
    "things.get: Idempotency-Key is required now",
  ],
  [
    "another header",
    { get: published({ headers: { token: "x-token" } }) },
    { get: published({ headers: { token: "x-secret" } }) },
    "things.get: header x-token no longer gives token",
  ],
  [
    "a smaller file",
    { get: published({ body: upload(9) }) },
    { get: published({ body: upload(5) }) },
    "things.get: body took 9 bytes, takes 5",
  ],
  [
    "another kind of body",
    { get: published() },
    { get: published({ body: upload(5) }) },
    "things.get: body was application/json, is text/csv",
  ],
  [
    "input and output",
    { get: internal },
    { get: { ...internal, input: z.object({ id: z.int() }), output: z.object({}) } },
    "things.get: input.id was string, is integer",
    "things.get: output.name was removed",
  ],
];

test.each(rows)("%s breaks", (_what, before, after, ...lines) => {
  expect(breaks(before, after)).toEqual(lines);
});

test.each<[string, object, object]>([
  ["a new action and a new event", {}, { get: internal, made: made() }],
  ["another name for a path parameter", { get: published() }, { get: published({ route: "GET /things/:thing" }) }],
  ["more people", { get: published({}, "admin") }, { get: published() }],
  ["an action that is published now", { get: { ...internal, repeat: "keyed" } }, { get: published() }],
  ["a call that may be repeated", { get: { ...published(), repeat: "never" } }, { get: published() }],
  ["a larger file", { get: published({ body: upload(5) }) }, { get: published({ body: upload(9) }) }],
  ["a new header", { get: published() }, { get: published({ headers: { token: "x-token" } }) }],
  [
    "another time limit, sentence and cache",
    { get: published() },
    { get: { ...published({ cacheControl: "no-cache" }), timeout: 1, summary: "It." } },
  ],
])("%s does not", (_what, before, after) => {
  expect(breaks(before, after)).toEqual([]);
});

test("a document is the same whatever the order of the exports, and survives JSON", () => {
  const document = documentOf({ get: internal, made: made(), lifecycle: { open: [] }, Shape: shape.input });
  expect(JSON.stringify(documentOf({ made: made(), get: internal }))).toBe(JSON.stringify(document));
  expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  expect(Object.keys(document.actions)).toEqual(["things.get"]);
});
