import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { Webhook } from "standardwebhooks";
import { newId } from "../../../lib/ids.ts";
import { kernelContract } from "../../../lib/kernel-contract.ts";
import { money } from "../../../lib/money.ts";
import { announcer } from "../../../test/support/announcer.ts";
import { eventually } from "../../../test/support/eventually.ts";
import { startNodes, type TestNodes } from "../../../test/support/nodes.ts";
import * as inventory from "../../inventory/contract.ts";
import * as payments from "../../payments/contract.ts";
import * as notifications from "../contract.ts";
import { judge } from "./model.ts";
import { isPrivate, post } from "../../../lib/public-post.ts";

interface Heard {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let nodes: TestNodes;
let server: Server;
let url: string;
let heard: Heard[] = [];
/** What the receiver answers, one after the other; 200 when there is none left. */
let answers: number[] = [];
const till = announcer("payments", { captured: payments.captured, refunded: payments.refunded });
const stock = announcer("inventory", { ranLow: inventory.ranLow, availabilityChanged: inventory.availabilityChanged });

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      heard.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      const status = answers.shift() ?? 200;
      response.writeHead(status, status === 302 ? { location: "/elsewhere" } : {}).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  nodes = await startNodes({ services: ["notifications"], schemas: [till.schema, stock.schema] });
});
afterAll(async () => {
  await nodes[Symbol.asyncDispose]();
  server.close();
});
beforeEach(() => {
  heard = [];
  answers = [];
});

const caller = { kind: "admin", id: "key", scopes: ["*"] } as const;
const admin: typeof nodes.request = (action, input, how = {}) => nodes.request(action, input, { caller, ...how });
const create = (events: notifications.WebhookEvent[], target = url, how: { idempotencyKey?: string } = {}) =>
  admin(notifications.createWebhook, { url: target, events }, how);
const capture = () => ({
  orderId: newId("ord"),
  captureId: newId("cap"),
  amount: money(100, "EUR"),
  captured: money(100, "EUR"),
});
const deliveriesOf = async (id: string) => (await admin(notifications.findDeliveries, { id })).data;
const verified = (secret: string, { headers, body }: Heard) =>
  new Webhook(secret).verify(body, headers as Record<string, string>) as { type: string; data: unknown };

test("an event is told to whoever has asked for it, signed so that another's library verifies it", async () => {
  const asked = await create(["payments.captured"]);
  const other = await create(["payments.refunded"]);
  const fact = capture();
  await till.announce(payments.captured, fact);
  await eventually(() => expect(heard).toHaveLength(1));
  expect(verified(asked.secret, heard[0]!)).toEqual({ type: "payments.captured", timestamp: expect.any(String), data: fact });
  expect(() => verified(other.secret, heard[0]!)).toThrow();
  expect(() => verified(asked.secret, { ...heard[0]!, body: `${heard[0]!.body} ` })).toThrow();
  await eventually(async () => {
    expect(await deliveriesOf(asked.id)).toMatchObject([{ status: "delivered", attempts: 1, answerStatus: 200 }]);
  });
  expect(await deliveriesOf(other.id)).toEqual([]);
  await Promise.all([asked, other].map(({ id }) => admin(notifications.removeWebhook, { id })));
});

test("what was not taken is told again under the same id, and redriven when it has failed for good", async () => {
  const webhook = await create(["inventory.ranLow"]);
  answers = [500, 410];
  await stock.announce(inventory.ranLow, { sku: "MUG", variantId: newId("var"), available: 1, threshold: 5 });
  await eventually(async () => expect(await deliveriesOf(webhook.id)).toMatchObject([{ status: "due", answerStatus: 500 }]));
  const [{ id } = { id: newId("dlv") }] = await deliveriesOf(webhook.id);
  expect(await admin(notifications.redriveDelivery, { id })).toMatchObject({ status: "due", attempts: 0 });
  await eventually(async () => expect(await deliveriesOf(webhook.id)).toMatchObject([{ status: "failed", answerStatus: 410 }]));
  await admin(notifications.redriveDelivery, { id });
  await eventually(async () => expect(await deliveriesOf(webhook.id)).toMatchObject([{ status: "delivered" }]));
  expect(new Set(heard.map(({ headers }) => headers["webhook-id"]))).toEqual(new Set([id]));
  expect(heard).toHaveLength(3);
  await expect(admin(notifications.redriveDelivery, { id: newId("dlv") })).rejects.toMatchObject({ type: "not_found" });
  await admin(notifications.removeWebhook, { id: webhook.id });
});

test("an inactive webhook's events wait, and a changed one gets them where it is now", async () => {
  const webhook = await create(["payments.captured"], "http://127.0.0.1:1/nobody");
  await till.announce(payments.captured, capture());
  await eventually(async () => {
    expect(await deliveriesOf(webhook.id)).toMatchObject([
      { status: "due", answerStatus: null, error: expect.stringContaining("ECONNREFUSED") },
    ]);
  });
  const changed = await admin(notifications.changeWebhook, { id: webhook.id, url, isActive: false });
  expect(changed).toMatchObject({ url, isActive: false });
  const [{ id } = { id: newId("dlv") }] = await deliveriesOf(webhook.id);
  await admin(notifications.redriveDelivery, { id });
  await till.announce(payments.captured, capture());
  await followed();
  await admin(notifications.changeWebhook, { id: webhook.id, isActive: true });
  await eventually(() => expect(heard).toHaveLength(1));
  await admin(notifications.removeWebhook, { id: webhook.id });
});

/** Waits until everything that was announced has been handled. */
const followed = () =>
  eventually(async () => {
    const { cursors } = await nodes.call(kernelContract("notifications").cursors, {});
    expect(cursors.find(({ feed }) => feed === "payments")).toMatchObject({ lag: 0, retrying: 0 });
  });

test("a renewed secret signs at once, and for a day the old one does too", async () => {
  const webhook = await create(["payments.captured"], url, { idempotencyKey: "hook-1" });
  expect((await create(["payments.captured"], url, { idempotencyKey: "hook-1" })).secret).toBe(webhook.secret);
  const { secret } = await admin(notifications.renewSecret, { id: webhook.id });
  expect(secret).not.toBe(webhook.secret);
  await till.announce(payments.captured, capture());
  await eventually(() => expect(heard).toHaveLength(1));
  expect([verified(secret, heard[0]!).type, verified(webhook.secret, heard[0]!).type]).toEqual([
    "payments.captured",
    "payments.captured",
  ]);
  expect(JSON.stringify((await admin(notifications.findWebhooks, {})).data)).not.toContain("whsec_");
  await admin(notifications.removeWebhook, { id: webhook.id });
});

test("a redirect is not followed", async () => {
  const webhook = await create(["payments.captured"]);
  answers = [302];
  await till.announce(payments.captured, capture());
  await eventually(async () => expect(await deliveriesOf(webhook.id)).toMatchObject([{ answerStatus: 302, status: "due" }]));
  expect(heard).toHaveLength(1);
  await admin(notifications.removeWebhook, { id: webhook.id });
});

test.each([
  "127.0.0.1",
  "10.1.2.3",
  "172.31.0.1",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "0.0.0.0",
  "::1",
  "fd00::1",
  "fe80::1",
  "::ffff:10.0.0.1",
])("%s is not of the public internet", (address) => expect(isPrivate(address)).toBe(true));
test.each(["1.1.1.1", "172.32.0.1", "8.8.8.8", "2606:4700::1111"])("%s is", (address) => expect(isPrivate(address)).toBe(false));

test("in production nothing is told to the shop's own network, by number or by name", async () => {
  const local = new URL(url);
  for (const host of ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1"]) {
    local.hostname = host;
    await expect(post({ url: local.href, headers: {}, body: "{}", mayBePrivate: false })).rejects.toThrow(/public address/);
  }
  expect(heard).toEqual([]);
});

test("bad targets are refused", async () => {
  for (const target of ["ftp://example.com", "https://ada:secret@example.com", "nonsense"]) {
    await expect(create(["payments.captured"], target)).rejects.toMatchObject({ type: "invalid" });
  }
  await expect(admin(notifications.createWebhook, { url, events: ["orders.pondered"] })).rejects.toMatchObject({
    type: "invalid",
  });
  await expect(admin(notifications.changeWebhook, { id: newId("whk"), isActive: false })).rejects.toMatchObject({
    type: "not_found",
  });
  await expect(admin(notifications.findDeliveries, { id: newId("whk") })).rejects.toMatchObject({ type: "not_found" });
});

test("pauses grow to a day, and the twelfth try is the last", () => {
  const pauses = Array.from({ length: 12 }, (_, at) => judge(500, at + 1, 0));
  expect(pauses.slice(0, 2)).toEqual([
    { is: "retried", after: 5_000 },
    { is: "retried", after: 30_000 },
  ]);
  expect(pauses.at(-2)).toEqual({ is: "retried", after: 86_400_000 });
  expect(pauses.at(-1)).toEqual({ is: "failed" });
  expect([judge(204, 1, 0).is, judge(301, 1, 0).is, judge(null, 1, 0).is, judge(410, 1, 0).is]).toEqual([
    "delivered",
    "retried",
    "retried",
    "failed",
  ]);
});
