import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { z } from "zod";
import { docsPage } from "./docs-page.ts";
import { type Shop, startShop } from "./gateway.support.ts";

const Operation = z.looseObject({
  security: z.array(z.unknown()),
  parameters: z.array(z.looseObject({ name: z.string(), in: z.string(), required: z.boolean() })).default([]),
  requestBody: z.unknown().optional(),
  responses: z.record(z.string(), z.looseObject({ description: z.string(), content: z.record(z.string(), z.unknown()) })),
});
const Document = z.object({
  openapi: z.literal("3.1.0"),
  servers: z.array(z.object({ url: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
});

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const read = async () => Document.parse((await shop.ask("/openapi.json")).json);

test("what is documented is served: no documented address is unknown, and no method", async () => {
  const { paths } = await read();
  for (const [path, methods] of Object.entries(paths)) {
    for (const method of Object.keys(methods)) {
      const { status } = await shop.ask(path.replaceAll(/\{\w+\}/g, "t1"), {
        method: method.toUpperCase(),
        headers: { authorization: "Bearer no" },
      });
      expect([path, method, [404, 405].includes(status)]).toEqual([path, method, false]);
    }
  }
});

test("what is served is documented: every published action and nothing else", async () => {
  const { paths } = await read();
  const documented = Object.values(paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
  const published = shop.inside.registry.getActionList({}).filter(({ action }) => action?.rest);
  expect(documented.filter(Boolean).toSorted()).toEqual(published.map(({ name }) => name).toSorted());
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining(["/", "/docs", "/openapi.json", "/health/live", "/health/ready", "/metrics"]),
  );
});

test("an operation says where its fields go, who may, and what can go wrong", async () => {
  const { paths } = await read();
  const find = paths["/store/v1/things"]!.get!;
  expect(find.parameters.map(({ name, in: place, required }) => `${place} ${name}${required ? "!" : ""}`)).toEqual([
    "query q",
    "query isRed",
    "query limit",
    "header X-Request-Id",
  ]);
  const buy = paths["/store/v1/things/{id}/purchase"]!.post!;
  expect(buy.parameters.map(({ name, required }) => `${name}${required ? "!" : ""}`)).toEqual([
    "id!",
    "Idempotency-Key!",
    "X-Request-Id",
  ]);
  expect(Object.keys(buy.responses)).toEqual(expect.arrayContaining(["200", "400", "409", "422", "503"]));
  expect(buy.responses[409]!.description).toContain("insufficient_stock");
  expect(paths["/store/v1/things"]!.post!.requestBody).toMatchObject({
    content: { "application/json": { schema: { required: ["name"], properties: { name: { type: "string" } } } } },
  });
  expect(paths["/admin/v1/secret"]!.get!.security).toEqual([{ adminKey: [] }]);
  expect(paths["/store/v1/things/{id}/events"]!.get!.responses[200]!.content).toHaveProperty("text/event-stream");
  expect(paths["/admin/v1/things/imports"]!.post!.requestBody).toMatchObject({ content: { "text/csv": {} } });
});

test("every reference in the document leads somewhere", async () => {
  const document = (await shop.ask("/openapi.json")).json;
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path!);
  expect(references.some((path) => path.startsWith("components/schemas/things.findTrees"))).toBe(true);
  for (const path of references) {
    const found = path.split("/").reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document);
    expect([path, typeof found]).toEqual([path, "object"]);
  }
});

test("the document remembers a service that is away", async () => {
  await using other = await startShop();
  const before = (await other.ask("/openapi.json")).text;
  await other.inside.destroyService(other.inside.getLocalService("things"));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect((await other.ask("/openapi.json")).text).toBe(before);
});

test("the page shows every operation and needs nothing from elsewhere", async () => {
  const { text, headers } = await shop.ask("/docs");
  expect(headers["content-type"]).toBe("text/html; charset=utf-8");
  for (const path of ["/store/v1/things/{id}/purchase", "/admin/v1/secret", "/metrics"]) expect(text).toContain(path);
  expect(text).not.toMatch(/<script|https?:\/\/|@import|url\(/);
  expect(headers["content-security-policy"]).toMatch(/^default-src 'none'; style-src 'sha256-/);
  expect((await shop.ask("/")).headers.location).toBe("/docs");
});

test("nothing in a contract can break out of the page", () => {
  const facts = {
    tags: ["<b>"],
    summary: '<script>alert("1")</script>',
    responses: {},
    parameters: [{ name: "<i>", in: "query", schema: {} }],
  };
  expect(docsPage({ info: { title: "x" }, paths: { "/<u>": { get: facts } } })).not.toMatch(/<(script|i|u|b)>(?!x API)/);
});
