import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ask, type Shop, startShop } from "./gateway.support.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

test("a GET reaches its action, with numbers and booleans out of the query", async () => {
  const { status, json, headers } = await shop.ask("/store/v1/things?q=a+b%20c&isRed=true&limit=5");
  expect(status).toBe(200);
  expect(json.asked).toEqual({ q: "a b c", isRed: true, limit: 5 });
  expect(headers).toMatchObject({ "content-type": "application/json; charset=utf-8", "cache-control": "public, max-age=5" });
});

test("a POST answers the status of its contract and is not stored by caches", async () => {
  const { status, json, headers } = await shop.post("/store/v1/things", { name: "mug" });
  expect([status, json.name, headers["cache-control"], headers.etag]).toEqual([201, "mug", "no-store", undefined]);
});

test("a field can come from a header, and from the query where headers cannot be set", async () => {
  const headers = { "x-thing-token": "secret" };
  expect((await shop.ask("/store/v1/things/t1", { headers })).json.token).toBe("secret");
  expect((await shop.ask("/store/v1/things/t1?token=secret")).json.token).toBe("secret");
  expect((await shop.ask("/store/v1/things/t1?token=other", { headers })).status).toBe(400);
});

test("an answer that is not JSON has its own type", async () => {
  const { text, headers } = await shop.ask("/media/things/cup%20of%20tea");
  expect([text, headers["content-type"]]).toEqual(["<svg>cup of tea</svg>", "image/svg+xml"]);
});

test("HEAD answers as GET does, without the body", async () => {
  const [get, head] = await Promise.all([shop.ask("/store/v1/things"), shop.ask("/store/v1/things", { method: "HEAD" })]);
  expect([head.status, head.text, head.headers["content-length"], head.headers.etag]).toEqual([
    200,
    "",
    get.headers["content-length"],
    get.headers.etag,
  ]);
});

test("what a client has already is not sent again", async () => {
  const { headers } = await shop.ask("/store/v1/things");
  const again = await shop.ask("/store/v1/things", { headers: { "if-none-match": `"other", W/${headers.etag}` } });
  expect([again.status, again.text, again.headers.etag]).toEqual([304, "", headers.etag]);
  expect((await shop.ask("/store/v1/things?q=x", { headers: { "if-none-match": headers.etag! } })).status).toBe(200);
});

test("a request keeps its well-formed id all the way, and gets one otherwise", async () => {
  const given = await shop.ask("/store/v1/things/t1", { headers: { "x-request-id": "shop-7.a_B", "x-correlation-id": "other" } });
  expect([given.headers["x-request-id"], given.json.requestId]).toEqual(["shop-7.a_B", "shop-7.a_B"]);
  for (const wrong of ["a b", "x".repeat(65), "<script>"]) {
    const made = await shop.ask("/store/v1/things/t9", { headers: { "x-request-id": wrong } });
    expect(made.headers["x-request-id"]).toMatch(/^[\w.-]{36}$/);
    expect(made.json.error.requestId).toBe(made.headers["x-request-id"]);
  }
});

test("every answer carries the security headers and says nothing about what made it", async () => {
  for (const path of ["/store/v1/things", "/nowhere", "/docs", "/health/live"]) {
    const { headers } = await shop.ask(path);
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "x-frame-options": "DENY",
    });
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect([headers["x-powered-by"], headers.server, headers["access-control-allow-origin"]]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  }
});

describe("Idempotency-Key", () => {
  test("the same request again gives the same answer and says so", async () => {
    const [first, second] = [
      await shop.post("/store/v1/things", { name: "once" }, { "idempotency-key": "key-1" }),
      await shop.post("/store/v1/things", { name: "once" }, { "idempotency-key": "key-1" }),
    ];
    expect([second.status, second.json, second.headers["idempotent-replayed"]]).toEqual([201, first.json, "true"]);
    expect(first.headers["idempotent-replayed"]).toBeUndefined();
    expect((await shop.post("/store/v1/things", { name: "other" }, { "idempotency-key": "key-1" })).status).toBe(422);
  });

  test("is demanded where the contract says so, and must be printable", async () => {
    const code = async (headers: Record<string, string>) =>
      (await shop.post("/store/v1/things/t1/purchase", {}, headers)).json.error?.code;
    expect(await code({})).toBe("idempotency_key_required");
    expect(await code({ "idempotency-key": "x".repeat(256) })).toBe("malformed");
    expect(await code({ "idempotency-key": "" })).toBe("malformed");
    expect(await code({ "idempotency-key": "ä" })).toBe("malformed");
    expect(await code({ "idempotency-key": "k" })).toBeUndefined();
  });
});

describe("who may", () => {
  const as = (authorization: string) => shop.ask("/admin/v1/secret", { headers: { authorization } });

  test("the admin key opens the administration, and nothing else does", async () => {
    expect((await as(shop.admin.authorization)).json.who).toBe("admin");
    const none = await shop.ask("/admin/v1/secret");
    expect([none.status, none.json.error.code, none.headers["www-authenticate"]]).toEqual([401, "unauthorized", "Bearer"]);
    for (const wrong of ["Bearer no", "Bearer", `Basic ${shop.environment.adminKey}`, `${shop.admin.authorization}x`, ""]) {
      expect((await as(wrong)).status).toBe(401);
    }
  });

  test("a wrong key is refused everywhere", async () => {
    expect((await shop.ask("/store/v1/things", { headers: { authorization: "Bearer no" } })).status).toBe(401);
  });
});

describe("a failure", () => {
  test("of the business keeps its code and its details", async () => {
    const { status, json } = await shop.ask("/store/v1/fail?how=stock");
    expect([status, json.error]).toMatchObject([
      409,
      { code: "insufficient_stock", details: [{ sku: "mug", requested: 2, available: 1 }] },
    ]);
  });

  test("of a service says when to try again", async () => {
    const { status, headers } = await shop.ask("/store/v1/fail?how=busy");
    expect([status, headers["retry-after"]]).toEqual([503, "7"]);
  });

  test("that nobody expected tells nothing of our inside", async () => {
    const { status, text, json } = await shop.ask("/store/v1/fail?how=unexpected");
    expect([status, json.error.code]).toEqual([500, "internal"]);
    expect(text).not.toMatch(/select|secrets|inside|things|stack|at /i);
  });

  test("to answer in the time of the contract is a 503", async () => {
    const { status, json, headers } = await shop.ask("/store/v1/wait?ms=4000");
    expect([status, json.error.code, headers["retry-after"]]).toEqual([503, "timed_out", "2"]);
  });

  test("to speak HTTP is answered in the same shape", async () => {
    const { status, json } = await ask(shop.url, { headers: { "x-large": "x".repeat(20_000) } });
    expect([status, json.error.code]).toEqual([431, "malformed"]);
  });
});
