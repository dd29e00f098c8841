import { expect, test } from "@jest/globals";
import type { Config } from "../../lib/config.ts";
import { openDatabase } from "../../lib/database.ts";
import { provision } from "../../lib/provision.ts";
import { aConfirmedOrder, confirm, confirmingOrders } from "../../test/support/confirming-orders.ts";
import { eventually } from "../../test/support/eventually.ts";
import { startNodes, type TestNodes } from "../../test/support/nodes.ts";
import * as notifications from "./contract.ts";
import { openPost, requireMailServer } from "./post.ts";
import { type ReceivedMail, startSmtpServer } from "./smtp-server.support.ts";

const startShop = (config: Partial<Config> = {}): Promise<TestNodes> =>
  startNodes({ services: ["notifications"], schemas: [confirmingOrders()], config });

const admin = { caller: { kind: "admin", id: "key", scopes: ["*"] } } as const;
const mailbox = async (shop: TestNodes, to?: string) =>
  (await shop.request(notifications.findMails, { ...(to && { to }) }, { ...admin, query: ["to"] })).data;
const failures = async (shop: TestNodes) => (await shop.request(notifications.findFailedMails, {}, admin)).data;

const headersOf = (mail: ReceivedMail | undefined): string => mail?.data.split("\n\n")[0] ?? "";

test("a confirmed order is followed by one mail within a second and a half", async () => {
  await using shop = await startShop({ shopName: "Mugs & More" });
  await shop.call(confirm, aConfirmedOrder());
  const started = performance.now();
  const [mail] = await eventually(async () => {
    const found = await mailbox(shop, "ada@example.org");
    expect(found).toHaveLength(1);
    return found;
  });
  expect(performance.now() - started).toBeLessThan(1_500);
  expect(mail).toMatchObject({ to: "ada@example.org", subject: "Your Mugs & More order BW-7K3M-2Q9T is confirmed" });
  expect(mail?.html).toContain("Mugs &amp; More");
  expect(await mailbox(shop, "somebody@else.org")).toEqual([]);
});

test("a letter of another service is sent once, and leads to the storefront", async () => {
  await using shop = await startShop({ shopUrl: "https://mugs.example" });
  const letter = { kind: "password_reset", link: "/reset-password?token=abc" } as const;
  const ask = () => shop.call(notifications.sendLetter, { key: "req_1", to: "ada@example.org", letter });
  await Promise.all(Array.from({ length: 10 }, ask));
  await eventually(async () => expect(await mailbox(shop)).toHaveLength(1));
  expect((await mailbox(shop))[0]?.text).toContain("https://mugs.example/reset-password?token=abc");
  await ask();
  expect(await mailbox(shop)).toHaveLength(1);
});

test("the mailbox has pages, newest first, for the administration only", async () => {
  await using shop = await startShop();
  const emails = ["a@example.org", "b@example.org", "c@example.org"];
  for (const email of emails) {
    await shop.call(confirm, aConfirmedOrder({ email }));
    await eventually(async () => expect(await mailbox(shop, email)).toHaveLength(1));
  }
  const first = await shop.call(notifications.findMails, { limit: 2 });
  expect(first.data.map(({ to }) => to)).toEqual(["c@example.org", "b@example.org"]);
  const second = await shop.call(notifications.findMails, { limit: 2, cursor: first.meta.nextCursor ?? "" });
  expect(second).toMatchObject({ data: [{ to: "a@example.org" }], meta: { nextCursor: null } });
  await expect(shop.request(notifications.findMails, {})).rejects.toMatchObject({ type: "unauthorized" });
});

test("with a mail server the mail goes there, and is not kept", async () => {
  await using server = await startSmtpServer();
  await using shop = await startShop({ smtpUrl: server.url, mailFrom: "shop@bricks.example" });
  await shop.call(confirm, aConfirmedOrder({ number: "X\r\nBcc: everybody@example.com" }));
  const [mail] = await eventually(() => {
    expect(server.received).toHaveLength(1);
    return server.received;
  });
  expect(mail).toMatchObject({ from: "shop@bricks.example", to: ["ada@example.org"] });
  const headers = headersOf(mail);
  expect(headers).not.toMatch(/^Bcc:/m);
  expect(headers).toMatch(/^Message-ID: <mail_[0-9a-z]+@bricks\.example>$/m);
  expect(headers).toMatch(/^From: Brickwork <shop@bricks\.example>$/m);
  expect(headers).toContain("multipart/alternative");
  expect(await mailbox(shop)).toEqual([]);
});

test("a mail that the server puts off is tried again", async () => {
  let tries = 0;
  await using server = await startSmtpServer((line) =>
    line.startsWith("RCPT") && ++tries === 1 ? "450 mailbox busy" : undefined,
  );
  await using shop = await startShop({ smtpUrl: server.url });
  await shop.call(confirm, aConfirmedOrder());
  await eventually(() => expect(server.received).toHaveLength(1));
  expect(tries).toBe(2);
  expect(await failures(shop)).toEqual([]);
});

test("a server that hangs up after the mail gets it again under the same Message-ID", async () => {
  let mails = 0;
  await using server = await startSmtpServer((line) => (line === "." && ++mails === 1 ? "hang up" : undefined));
  await using shop = await startShop({ smtpUrl: server.url });
  await shop.call(confirm, aConfirmedOrder());
  await eventually(() => expect(server.received.map(({ isTaken }) => isTaken)).toEqual([false, true]));
  expect(new Set(server.received.map((mail) => /^Message-ID: .*$/m.exec(headersOf(mail))?.[0])).size).toBe(1);
});

test("a mail that is refused for good is shown to the administration, which can have it sent again", async () => {
  let isKnown = false;
  await using server = await startSmtpServer((line) => (line.startsWith("RCPT") && !isKnown ? "550 no such user" : undefined));
  await using shop = await startShop({ smtpUrl: server.url });
  await shop.call(confirm, aConfirmedOrder());
  const [failed] = await eventually(async () => {
    const found = await failures(shop);
    expect(found).toHaveLength(1);
    return found;
  });
  expect(failed).toMatchObject({ to: "ada@example.org", attempts: 1, error: expect.stringContaining("550 no such user") });
  isKnown = true;
  await shop.request(notifications.retryMail, { id: failed!.id }, admin);
  await eventually(() => expect(server.received).toHaveLength(1));
  expect(await failures(shop)).toEqual([]);
});

test("two nodes do not both send a mail", async () => {
  await using server = await startSmtpServer();
  await using shop = await startShop({ smtpUrl: server.url });
  const { config } = shop.environment;
  const db = openDatabase(await provision(config, "notifications"), { service: "test", poolSize: 2 });
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const others = [1, 2].map(() => openPost({ db, log, config }));
  const orders = Array.from({ length: 30 }, (_, index) => aConfirmedOrder({ email: `buyer${index}@example.org` }));
  for (const order of orders) await shop.call(confirm, order);
  await eventually(async () => {
    await Promise.all(others.map((post) => post.send(new AbortController().signal)));
    expect(server.received.length).toBeGreaterThanOrEqual(orders.length);
  });
  expect(server.received.map(({ to }) => to[0]).toSorted()).toEqual(orders.map(({ email }) => email).toSorted());
  others.forEach((post) => post.close());
  await db.close();
});

test("a production shop needs a mail server", () => {
  expect(() => requireMailServer({ mode: "production", smtpUrl: undefined })).toThrow("set SMTP_URL");
  expect(() => requireMailServer({ mode: "production", smtpUrl: "smtp://mail.example" })).not.toThrow();
  expect(() => requireMailServer({ mode: "development", smtpUrl: undefined })).not.toThrow();
});
