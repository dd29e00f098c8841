import { get, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { eventually } from "../../test/support/eventually.ts";
import { type Shop, startShop } from "./gateway.support.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
beforeEach(() => {
  Object.assign(shop.seen, { pieces: [], text: "", looks: 0 });
});
afterAll(() => shop[Symbol.asyncDispose]());

describe("server-sent events", () => {
  test("come at once, then only when something has changed, until the client goes", async () => {
    const chunks: string[] = [];
    const sent = get(`${shop.url}/store/v1/things/t1/events`, { agent: false }, (res) => {
      expect(res.headers).toMatchObject({ "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" });
      res.setEncoding("utf8").on("data", (chunk: string) => chunks.push(chunk));
    });
    sent.on("error", () => {});
    await eventually(() => expect(chunks.length).toBe(1));
    expect(chunks[0]).toBe('data: {"looks":0}\n\n');
    await eventually(() => expect(chunks.length).toBe(3));
    expect(shop.seen.looks).toBeGreaterThanOrEqual(5);
    expect(chunks.slice(1)).toEqual(['data: {"looks":1}\n\n', 'data: {"looks":2}\n\n']);

    sent.destroy();
    await sleep(500);
    const looks = shop.seen.looks;
    await sleep(900);
    expect(shop.seen.looks).toBe(looks);
    expect((await shop.ask("/metrics")).text).toContain("brickwork_event_streams_open 0\n");
  });

  test("of what is not there are an ordinary 404", async () => {
    const { status, json, headers } = await shop.ask("/store/v1/things/t9/events");
    expect([status, json.error.code, headers["content-type"]]).toEqual([404, "not_found", "application/json; charset=utf-8"]);
  });
});

describe("an upload", () => {
  const csv = { "content-type": "text/csv; charset=utf-8" };
  const upload = (body: string, headers: Record<string, string> = {}) =>
    shop.ask("/admin/v1/things/imports", { method: "POST", headers: { ...csv, ...shop.admin, ...headers }, body });

  test("reaches its service in pieces, in their order", async () => {
    const { status, json } = await upload(`sku,name\n${"x".repeat(600_000)}`);
    expect([status, json.sizes, json.text]).toEqual([202, [262_144, 262_144, 600_009 - 524_288], "sku,name\nxxxxxxxxxxx"]);
  });

  test("may be sent without saying how long it is", async () => {
    const { status, json } = await upload("a,b\n", { "transfer-encoding": "chunked" });
    expect([status, json.sizes]).toEqual([202, [4]]);
  });

  test("is not read from strangers, in another type, too large or empty", async () => {
    const large = "x".repeat(1_000_001);
    expect((await shop.ask("/admin/v1/things/imports", { method: "POST", headers: csv, body: large })).status).toBe(401);
    expect((await upload("a", { "content-type": "application/json" })).status).toBe(415);
    expect((await upload(large)).status).toBe(413);
    expect((await upload("")).status).toBe(400);
    expect(shop.seen.pieces).toEqual([]);
    expect((await upload(large, { "transfer-encoding": "chunked" })).status).toBe(413);
  });

  test("waits with a large body until it may send it", async () => {
    const answer = await expecting(shop, { ...csv, ...shop.admin }, "a,b\n");
    expect(answer).toEqual({ isContinued: true, status: 202 });
    expect(await expecting(shop, csv, "a,b\n")).toEqual({ isContinued: false, status: 401 });
  });

  test("that is cut off starts nothing, and the gateway goes on", async () => {
    const sent = request(`${shop.url}/admin/v1/things/imports`, {
      method: "POST",
      headers: { ...csv, ...shop.admin, "content-length": 900_000 },
      agent: false,
    });
    sent.on("error", () => {});
    sent.write("x".repeat(300_000));
    await eventually(() => expect(shop.seen.pieces).toEqual([262_144]));
    sent.destroy();
    await eventually(async () => expect((await shop.ask("/metrics")).text).toContain("brickwork_http_requests_in_flight 0\n"));
    expect(shop.seen.pieces).toEqual([262_144]);
    expect((await shop.ask("/store/v1/things")).status).toBe(200);
  });
});

describe("a body that is signed", () => {
  const tell = (body: string | Buffer, headers: Record<string, string> = {}) =>
    shop.ask("/webhooks/things/bank", { method: "POST", headers: { "x-signature": "v1,abc", ...headers }, body });

  test("reaches its service byte for byte, whatever it claims to be", async () => {
    for (const body of [Buffer.from('{ "a" : 1.0 }\r\n'), Buffer.from([0, 255, 254, 10])]) {
      const { status, json } = await tell(body, { "content-type": "application/json" });
      expect([status, json]).toEqual([200, { from: "bank", raw: body.toString("base64"), signature: "v1,abc" }]);
    }
  });

  test("is refused when it is empty or too large", async () => {
    expect((await tell("")).status).toBe(400);
    expect((await tell("x".repeat(1_001))).status).toBe(413);
    expect((await tell("x".repeat(1_001), { "transfer-encoding": "chunked" })).status).toBe(413);
  });
});

/** Sends a body only when told to go on. */
const expecting = ({ url }: Shop, headers: Record<string, string>, body: string) =>
  new Promise<{ isContinued: boolean; status: number | undefined }>((resolve, reject) => {
    let isContinued = false;
    const length = { "content-length": body.length, expect: "100-continue" };
    const sent = request(`${url}/admin/v1/things/imports`, { method: "POST", headers: { ...headers, ...length }, agent: false });
    sent.on("continue", () => {
      isContinued = true;
      sent.end(body);
    });
    sent.on("response", (res) => {
      res.resume();
      resolve({ isContinued, status: res.statusCode });
      if (!isContinued) sent.destroy();
    });
    sent.on("error", reject);
    sent.flushHeaders();
  });
