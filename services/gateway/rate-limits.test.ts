import { afterEach, describe, expect, test } from "@jest/globals";
import { type Config, readConfig } from "../../lib/config.ts";
import { eventually } from "../../test/support/eventually.ts";
import { keptLog } from "../../test/support/logs.ts";
import { startRedis } from "../../test/support/redis.ts";
import { clientOf } from "./client-address.ts";
import { type Shop, startShop } from "./gateway.support.ts";
import { RateLimits } from "./rate-limits.ts";
import { RouteTable } from "./routes.ts";

let shop: Shop | undefined;
afterEach(async () => {
  await shop?.[Symbol.asyncDispose]();
  shop = undefined;
});
const open = async (more: Partial<Config>): Promise<Shop> => (shop = await startShop({ more }));

const statuses = async (times: number, ask: () => Promise<{ status: number }>): Promise<number[]> => {
  const all: number[] = [];
  for (let time = 0; time < times; time++) all.push((await ask()).status);
  return all;
};

describe("the client of a request", () => {
  test.each([
    [0, "203.0.113.7", "", "203.0.113.7"],
    [0, "203.0.113.7", "198.51.100.1", "203.0.113.7"],
    [1, "10.0.0.1", "198.51.100.1", "198.51.100.1"],
    [1, "10.0.0.1", "127.0.0.1, 198.51.100.1", "198.51.100.1"],
    [2, "10.0.0.1", "192.0.2.9,198.51.100.1,10.0.0.2", "198.51.100.1"],
    [2, "203.0.113.7", "198.51.100.1", "198.51.100.1"],
    [1, "10.0.0.1", "", "10.0.0.1"],
    [1, "10.0.0.1", "192.0.2.9, unknown", "10.0.0.1"],
    [0, "::ffff:203.0.113.7", "", "203.0.113.7"],
    [0, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"],
    [0, "", "", "unknown"],
  ])("behind %i proxies, from %s, forwarded for %s, is %s", (proxies, address, forwarded, name) => {
    expect(clientOf({ address, forwarded }, proxies).name).toBe(name);
  });

  test("is on this machine when its address says so", () => {
    for (const address of ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
      expect(clientOf({ address, forwarded: "" }, 0).isLoopback).toBe(true);
    expect(clientOf({ address: "203.0.113.7", forwarded: "127.0.0.1" }, 0).isLoopback).toBe(false);
  });
});

test("one too many is refused until the minute is over, whatever it says of where it comes from", async () => {
  const { ask } = await open({ rateLimits: { search: 2 } });
  expect(await statuses(2, () => ask("/store/v1/things"))).toEqual([200, 200]);
  const refused = await ask("/store/v1/things", { headers: { "x-forwarded-for": "198.51.100.1" } });
  expect(refused.status).toBe(429);
  expect(refused.json.error).toMatchObject({
    code: "rate_limited",
    message: "Too many requests: 2 a minute are allowed here.",
  });
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  expect(Number(refused.headers["retry-after"])).toBeLessThanOrEqual(60);
});

test("a proxy of ours is believed: its clients are counted apart", async () => {
  const { ask } = await open({ rateLimits: { search: 1 }, trustedProxies: 1 });
  const from = (address: string) => ask("/store/v1/things", { headers: { "x-forwarded-for": `192.0.2.1, ${address}` } });
  expect((await from("198.51.100.1")).status).toBe(200);
  expect((await from("198.51.100.2")).status).toBe(200);
  expect((await from("198.51.100.1")).status).toBe(429);
});

test("each limit is counted by itself; probes, signed requests and administrators are not counted", async () => {
  const { ask, post, admin } = await open({ rateLimits: { search: 1, checkout: 1, other: 1 } });
  expect(await statuses(2, () => ask("/store/v1/things"))).toEqual([200, 429]);
  expect(await statuses(2, () => ask("/store/v1/trees"))).toEqual([200, 429]);
  const buy = (key: string) => post("/store/v1/things/t1/purchase", {}, { "idempotency-key": key });
  expect([(await buy("a")).status, (await buy("b")).status]).toEqual([200, 429]);
  expect(await statuses(3, () => ask("/health/live"))).toEqual([200, 200, 200]);
  expect(await statuses(3, () => post("/webhooks/things/here", {}))).toEqual([200, 200, 200]);
  expect(await statuses(3, () => ask("/store/v1/things", { headers: admin }))).toEqual([200, 200, 200]);
});

test("whoever sends wrong keys is counted, too", async () => {
  const { ask } = await open({ rateLimits: { other: 2 } });
  const guess = () => ask("/admin/v1/secret", { headers: { authorization: "Bearer wrong" } });
  expect(await statuses(4, guess)).toEqual([401, 401, 429, 429]);
});

test.each<[string, Partial<Config>, number, RegExp]>([
  [
    "nobody says anything: this machine is free",
    {},
    200,
    /limited by client and minute, except to clients on the shop's own machine/,
  ],
  ["they are off", { rateLimits: "off" }, 200, /There is no rate limit on this address\./],
  ["they are set", { rateLimits: { search: 3 } }, 429, /limited by client and minute, except to administrators/],
])("%s, and /openapi.json says so", async (_, more, status, text) => {
  const { ask } = await open(more);
  expect((await statuses(4, () => ask("/store/v1/things"))).at(-1)).toBe(status);
  const { json } = await ask("/openapi.json");
  const { info, paths } = json as unknown as { info: { description: string }; paths: Record<string, Paths> };
  expect(info.description).toMatch(text);
  const said = paths["/store/v1/things"]!.get!.responses[429]?.description;
  if (more.rateLimits === "off") expect(said).toBeUndefined();
  else expect(said).toContain(`A client may ask ${status === 429 ? 3 : 600} times a minute.`);
  expect(paths["/webhooks/things/{from}"]!.post!.responses[429]).toBeUndefined();
});
type Paths = Record<string, { responses: Record<number, { description: string }> }>;

test("a limit that only a newer release knows costs nobody the route: it is counted with the others", () => {
  const table = new RouteTable([], keptLog());
  const http = { route: "GET /store/v1/news", limit: "feeds" };
  const actions = { findNews: { name: "news.findNews", visibility: "published", contract: { access: "public", http } } };
  table.learn([{ fullName: "news", nodes: ["node-1"], actions }]);
  expect(table.all()).toMatchObject([{ path: "/store/v1/news", http: { limit: undefined } }]);
});

const guest = { kind: "guest" } as const;
const WAY = { address: "203.0.113.7", forwarded: "" };

function counters(redisUrl: string) {
  const log = keptLog();
  const settings = { ...readConfig({ redisUrl, namespace: "rates" }, {}), rateLimits: { login: 3, search: 3 } };
  return { said: log.lines, ...two(() => new RateLimits(settings, log)) };
}
const two = <T>(make: () => T): { one: T; other: T } => ({ one: make(), other: make() });

const isRefused = (limits: RateLimits, limit: "login" | "search", caller: Parameters<RateLimits["take"]>[1] = guest) =>
  limits.take(limit, caller, WAY).then(
    () => false,
    (error: { type: string }) => {
      expect(error.type).toBe("rate_limited");
      return true;
    },
  );

test("gateways count logins together over Redis, by person where somebody has signed in, and go on alone without Redis", async () => {
  await using redis = await startRedis();
  const { one, other, said } = counters(redis.url);
  try {
    await eventually(() => expect([one.isSharing, other.isSharing]).toEqual([true, true]));
    const taken = [await isRefused(one, "login"), await isRefused(other, "login"), await isRefused(one, "login")];
    expect(taken).toEqual([false, false, false]);
    expect([await isRefused(one, "login"), await isRefused(other, "login")]).toEqual([true, true]);
    const ada = { kind: "customer", id: "cus_ada", session: "s" } as const;
    expect(await isRefused(one, "login", ada)).toBe(false);
    // What is cheap is counted by each for itself.
    expect(await Promise.all([one, other].flatMap((side) => [1, 2, 3].map(() => isRefused(side, "search"))))).toEqual(
      Array(6).fill(false),
    );

    redis.freeze();
    const began = performance.now();
    expect(await isRefused(one, "login")).toBe(false);
    expect(performance.now() - began).toBeLessThan(2_000);
    redis.thaw();
    await redis.kill();
    await eventually(() => expect([one.isSharing, other.isSharing]).toEqual([false, false]));
    // It has counted one while Redis was held up.
    expect([await isRefused(one, "login"), await isRefused(one, "login"), await isRefused(one, "login")]).toEqual([
      false,
      false,
      true,
    ]);
    expect(said.filter(({ message }) => message.startsWith("Redis cannot count requests"))).toHaveLength(2);
    await redis.start();
    await eventually(() => expect([one.isSharing, other.isSharing]).toEqual([true, true]));
  } finally {
    one.close();
    other.close();
  }
});
