import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Shop, startShop } from "./gateway.support.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

describe("an address", () => {
  test.each([
    ["/store/v1/nothing", "GET", 404],
    ["/store/v1/things/", "GET", 404],
    ["/store/v1//things", "GET", 404],
    ["/Store/v1/things", "GET", 404],
    ["/things/receivePiece", "POST", 404],
    ["/~node/health", "GET", 404],
    ["/list-aliases", "GET", 404],
    ["/store/v1/things/t7", "GET", 404],
    ["/store/v1/things/not-an-id", "GET", 404],
    ["/store/v1/things/%E0%A4%A", "GET", 400],
    ["/store/v1/things/%00", "GET", 400],
    ["/store/v1/things?q=%ff", "GET", 400],
    ["/store/v1/things?q=a&q=b", "GET", 400],
    ["/store/v1/things?limit=5&limit=6", "GET", 400],
    ["/store/v1/things?limit=many", "GET", 400],
    ["/store/v1/things?limit=101", "GET", 400],
    ["/store/v1/things?hacker=1", "GET", 400],
    ["/store/v1/things?__proto__=1", "GET", 400],
    ["/store/v1/things?__proto__[limit]=1", "GET", 400],
    ["/store/v1/things/t1?id=t1", "GET", 400],
    ["/store/v1/things", "OPTIONS", 405],
    ["/store/v1/things", "DELETE", 405],
    ["/health/live", "POST", 405],
  ])("%s %s → %i", async (path, method, status) => {
    const answer = await shop.ask(path, { method });
    expect([answer.status, Object.keys(answer.json), Object.keys(answer.json.error)]).toEqual([
      status,
      ["error"],
      ["code", "message", "details", "requestId"],
    ]);
  });

  test("says which methods it knows", async () => {
    expect((await shop.ask("/store/v1/things", { method: "PUT" })).headers.allow).toBe("GET, HEAD, POST");
  });
});

describe("a body", () => {
  const json = { "content-type": "application/json" };
  const deep = `{"name":${"[".repeat(30)}${"]".repeat(30)}}`;
  test.each([
    ["not JSON", json, "{name", 400],
    ["cut off", json, '{"name":"a"', 400],
    ["no UTF-8", json, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400],
    ["__proto__", json, '{"name":"a","__proto__":{"isAdmin":true}}', 400],
    ["escaped __proto__", json, '{"name":"a","\\u005f_proto__":{"isAdmin":true}}', 400],
    ["constructor.prototype", json, '{"name":"a","constructor":{"prototype":{"x":1}}}', 400],
    ["nested too deep", json, deep, 400],
    ["NUL in text", json, '{"name":"a\\u0000b"}', 400],
    ["a list", json, "[]", 422],
    ["null", json, "null", 422],
    ["a wrong type", json, '{"name":7}', 422],
    ["an unknown field", json, '{"name":"a","hacker":true}', 422],
    ["an unknown field inside", json, '{"name":"a","size":{"width":1,"hacker":true}}', 422],
    ["a missing field", json, "{}", 422],
    ["nothing", {}, undefined, 422],
    ["no content type", {}, '{"name":"a"}', 415],
    ["another content type", { "content-type": "text/plain" }, '{"name":"a"}', 415],
    ["another charset", { "content-type": "application/json; charset=latin1" }, '{"name":"a"}', 415],
    ["compressed", { ...json, "content-encoding": "gzip" }, '{"name":"a"}', 415],
    ["too large", json, `{"name":"${"a".repeat(20_000)}"}`, 413],
    ["too large, in chunks", { ...json, "transfer-encoding": "chunked" }, `{"name":"${"a".repeat(200_000)}"}`, 413],
    ["good, with parameters", { "content-type": "Application/JSON; charset=UTF-8" }, '{"name":"a"}', 201],
    ["good, in chunks", { ...json, "transfer-encoding": "chunked" }, '{"name":"a"}', 201],
  ])("%s", async (_, headers, body, status) => {
    const answer = await shop.ask("/store/v1/things", { method: "POST", headers, ...(body !== undefined && { body }) });
    expect(answer.status).toBe(status);
  });

  test("a field that the path has already is refused", async () => {
    const { status, json: body } = await shop.post("/store/v1/things/t1", { id: "t2", name: "a" }, {}, "PATCH");
    expect([status, body.error.details]).toEqual([400, [{ field: "id", message: "given in two places" }]]);
  });
});
