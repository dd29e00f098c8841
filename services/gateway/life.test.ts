import { Agent, get, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, jest, test } from "@jest/globals";
import { ServiceBroker } from "moleculer";
import { provideEnvironment } from "../../lib/environment.ts";
import type { Health } from "../../lib/kernel-contract.ts";
import { brokerOptions } from "../../moleculer.config.ts";
import { eventually } from "../../test/support/eventually.ts";
import { gatewayUrl } from "./address.ts";
import { gatewayFor } from "./gateway.service.ts";
import { ask, startShop } from "./gateway.support.ts";

test("a route outlives its service: 503 while that is away, 200 when it is back", async () => {
  await using shop = await startShop();
  expect((await shop.ask("/store/v1/things")).status).toBe(200);

  await shop.inside.destroyService(shop.inside.getLocalService("things"));
  const away = await shop.ask("/store/v1/things");
  expect([away.status, away.json.error.code, away.headers["retry-after"]]).toEqual([503, "unavailable", "2"]);
  await sleep(50);
  expect((await shop.ask("/store/v1/things")).status).toBe(503);
  expect((await shop.ask("/store/v1/nothing")).status).toBe(404);

  shop.inside.createService(shop.things);
  await eventually(async () => expect((await shop.ask("/store/v1/things")).status).toBe(200));
});

test("as long as not every service was seen, an unknown address may be one of theirs, however long ago the gateway started", async () => {
  await using shop = await startShop({ needs: ["things", "unicorns"] });
  const askForOne = async () => {
    const { status, headers } = await shop.ask("/store/v1/unicorns");
    return [status, headers["retry-after"]];
  };
  expect(await askForOne()).toEqual([503, "1"]);
  const now = performance.now.bind(performance);
  const clock = jest.spyOn(performance, "now").mockImplementation(() => now() + 3_600_000);
  expect(await askForOne()).toEqual([503, "1"]);
  clock.mockRestore();
  shop.inside.createService({ name: "unicorns" });
  await eventually(async () => expect(await askForOne()).toEqual([404, undefined]));
});

test("ready means that every service of the shop is", async () => {
  await using whole = await startShop();
  await eventually(async () => expect((await whole.ask("/health/ready")).json).toEqual({ status: "ready" }));

  await using shop = await startShop({ needs: ["things", "unicorns"] });
  const { status, json } = await shop.ask("/health/ready");
  expect([status, json.problems]).toMatchObject([503, [{ service: "unicorns", reason: "is not running" }]]);
  expect((await shop.ask("/health/live")).status).toBe(200);
});

test("a shop gets ready when all is caught up, and stays so while services keep up", async () => {
  await using shop = await startShop({ needs: ["things", "tides"] });
  let health: Health = { isReady: false, reason: "reading", behindSeconds: 0.1 };
  shop.inside.createService({ name: "tides", actions: { health: () => health } });
  const isReady = async () => (await shop.ask("/health/ready")).status === 200;
  const after = async (next: Health): Promise<boolean> => {
    health = next;
    // What was found out is told again for 200 ms.
    await sleep(300);
    return isReady();
  };
  await eventually(async () => expect((await shop.ask("/health/ready")).json.problems).toMatchObject([{ reason: "reading" }]));
  expect(await after(health)).toBe(false);
  expect(await after({ isReady: true, reason: null })).toBe(true);
  expect(await after({ isReady: false, reason: "reading", behindSeconds: 1 })).toBe(true);
  expect(await after({ isReady: false, reason: "reading", behindSeconds: 10 })).toBe(false);
  expect(await after({ isReady: false, reason: "a feed has stopped" })).toBe(false);
});

test("other nodes can tell where the gateway is", async () => {
  await using shop = await startShop();
  expect(gatewayUrl(shop.outside)).toBe(shop.url);
});

test("a stop answers what is under way, tells connections to go, and then takes none", async () => {
  await using shop = await startShop({ keepAlive: 2_000 });
  const agent = new Agent({ keepAlive: true });
  await shop.ask("/health/live", { agent });
  const slow = shop.ask("/store/v1/wait?ms=700");
  await sleep(100);
  const stopped = shop.inside.destroyService(shop.inside.getLocalService("gateway"));
  await sleep(50);

  // On the connection that was idle when the stop began.
  const late = await shop.ask("/store/v1/things", { agent });
  expect([late.status, late.headers.connection]).toEqual([200, "close"]);
  expect([(await slow).status, (await slow).headers.connection]).toEqual([200, "close"]);
  await expect(shop.ask("/health/live")).rejects.toThrow("ECONNREFUSED");
  await stopped;
  agent.destroy();
});

test("a stop ends event streams at an event's border", async () => {
  await using shop = await startShop();
  const stream = await open(`${shop.url}/store/v1/things/t1/events`);
  const all = text(stream);
  await sleep(100);
  const started = performance.now();
  await shop.inside.destroyService(shop.inside.getLocalService("gateway"));
  expect(await all).toBe('data: {"looks":0}\n\n');
  expect(performance.now() - started).toBeLessThan(2_000);
});

test("an idle connection does not hold a stop for longer than it would have lived", async () => {
  const shop = await startShop();
  const { port } = new URL(shop.url);
  const socket = connect(Number(port), "127.0.0.1");
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.write("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
  await new Promise((resolve) => socket.once("data", resolve));
  const started = performance.now();
  await shop[Symbol.asyncDispose]();
  expect(performance.now() - started).toBeLessThan(5_000);
  socket.destroy();
});

test("a taken port is said in one line", async () => {
  await using shop = await startShop();
  const { config } = shop.environment;
  const broker = new ServiceBroker({ ...brokerOptions({ ...config, logLevel: "fatal" }), stopped: async () => {} });
  const port = Number(new URL(shop.url).port);
  provideEnvironment(broker, { ...shop.environment, config: { ...config, port } });
  broker.createService(gatewayFor([]));
  await expect(broker.start()).rejects.toThrow(`Port ${port} is taken: stop what uses it or choose another one with --port.`);
  await broker.stop();
});

test("under load browsing is refused at once, and buying goes on", async () => {
  await using shop = await startShop();
  const browsing = Array.from({ length: 300 }, () => ask(`${shop.url}/store/v1/wait?ms=2400`));
  await eventually(async () => expect((await shop.ask("/metrics")).text).toContain("brickwork_http_requests_in_flight 256\n"));

  const started = performance.now();
  const refused = await shop.ask("/store/v1/things");
  expect(performance.now() - started).toBeLessThan(500);
  expect([refused.status, refused.headers["retry-after"]]).toEqual([503, "1"]);
  expect((await shop.post("/store/v1/things", { name: "bought" })).status).toBe(201);

  const statuses = (await Promise.all(browsing)).map(({ status }) => status);
  expect([statuses.filter((status) => status === 200).length, statuses.filter((status) => status === 503).length]).toEqual([
    256, 44,
  ]);
  expect((await shop.ask("/store/v1/things")).status).toBe(200);
});

test("figures name the routes and never an address that somebody made up", async () => {
  await using shop = await startShop();
  await shop.ask("/store/v1/things/t1");
  await shop.ask("/store/v1/things/t9");
  await shop.ask("/somebody/made/this/up");
  const { text: printed, headers } = await shop.ask("/metrics");
  expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(printed).toContain('brickwork_http_requests_total{route="GET /store/v1/things/:id",status="200"} 1\n');
  expect(printed).toContain('brickwork_http_requests_total{route="GET /store/v1/things/:id",status="404"} 1\n');
  expect(printed).toContain('brickwork_http_request_seconds_bucket{route="GET /store/v1/things/:id",le="+Inf"} 2\n');
  expect(printed).toContain('brickwork_http_requests_total{route="unknown",status="404"} 1\n');
  expect(printed).toContain('brickwork_service_up{service="things"} 1\n');
  expect(printed).not.toContain("somebody");
  for (const line of printed.trim().split("\n"))
    expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"]*",?)+\})? -?[\d.e+-]+)$/);
});

const open = (url: string) => new Promise<IncomingMessage>((resolve) => get(url, { agent: false }, resolve));
