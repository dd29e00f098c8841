import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Webhook } from "standardwebhooks";
import { scratchDatabase } from "../../test/support/database.ts";
import { eventually } from "../../test/support/eventually.ts";
import { silent } from "../../test/support/logs.ts";
import { startWebhookReceiver, type WebhookReceiver } from "../../test/support/webhook-receiver.ts";
import * as payments from "./contract.ts";
import { type Shop, startShop } from "./payments.support.ts";
import { deliverWebhooks } from "./sandbox/webhooks.ts";
import { isStandardSigned, isStripeSigned, standardHeaders } from "./signatures.ts";

let shop: Shop;
let receiver: WebhookReceiver;
/** Another implementation of the specification, with the shop's secret as a provider would show it. */
let independent: Webhook;

beforeAll(async () => {
  receiver = await startWebhookReceiver();
  shop = await startShop({ publicUrl: `${receiver.url}/`, providerTimeout: 200 });
  independent = new Webhook(`whsec_${shop.environment.deriveKey("sandbox webhooks").toString("base64")}`);
});
afterAll(async () => {
  await shop[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

interface Message {
  readonly id?: string;
  readonly body: string;
  readonly at?: Date;
}

/** What the gateway makes of a message that is signed by the independent implementation. */
function signed({ id = `msg_${randomUUID()}`, body, at = new Date() }: Message) {
  return {
    provider: "sandbox",
    raw: Buffer.from(body).toString("base64"),
    id,
    timestamp: String(Math.floor(at.getTime() / 1_000)),
    signature: independent.sign(id, at, body),
  };
}

const about = (orderId: string): string => JSON.stringify({ type: "payment.captured", data: { orderId, amount: 99_999 } });
const receive = (input: object) => shop.request(payments.receiveWebhook, input);
const of = (orderId: string) => receiver.received.filter(({ body }) => body.includes(orderId));

test("the sandbox tells what it has booked, in the format of the specification", async () => {
  const till = shop.forOrder();
  await till.pay();
  await till.take(3_000);
  await till.giveBack();
  const types = ["payment.authorized", "payment.captured", "payment.voided", "payment.refunded"];
  await eventually(() => expect(of(till.orderId)).toHaveLength(4));
  const told = of(till.orderId).map(({ path, headers, body }) => {
    expect(path).toBe("/webhooks/payments/sandbox");
    return independent.verify(body, headers) as { type: string; timestamp: string; data: { amount: number } };
  });
  expect(told.map(({ type }) => type).toSorted()).toEqual(types.toSorted());
  expect(told.find(({ type }) => type === "payment.voided")).toMatchObject({ data: { amount: 1_200, currency: "EUR" } });
});

test("a token that doubles its webhooks sends each twice under one id", async () => {
  const till = shop.forOrder();
  await till.pay("tok_duplicate_webhook");
  await eventually(() => expect(of(till.orderId)).toHaveLength(2));
  expect(new Set(of(till.orderId).map(({ headers }) => headers["webhook-id"])).size).toBe(1);
});

test("a webhook that is not taken is sent again, and no more once it is", async () => {
  const till = shop.forOrder();
  receiver.answerWith(500);
  await till.pay();
  await eventually(() => expect(of(till.orderId).length).toBeGreaterThanOrEqual(1));
  await eventually(async () => {
    const [row] = await shop.database.sql`select 1 from sandbox.webhook where order_id = ${till.orderId}`;
    expect(row).toBeUndefined();
  });
  expect(of(till.orderId).length).toBeLessThanOrEqual(2);
});

test("a webhook is given up after six tries or ten minutes, and others are still sent", async () => {
  await using database = await scratchDatabase("payments");
  const { sql } = database;
  await sql`
    insert into sandbox.webhook (id, type, order_id, amount, currency, copies, tries, created_at) values
      ('msg_tried', 'payment.captured', 'ord_tried', 1, 'EUR', 1, 6, now()),
      ('msg_old', 'payment.captured', 'ord_old', 1, 'EUR', 1, 1, now() - interval '11 minutes'),
      ('msg_late', 'payment.captured', 'ord_late', 1, 'EUR', 1, 5, now() - interval '9 minutes')`;
  const post = { sql, log: silent, webhookKey: Buffer.alloc(32), shopUrl: () => receiver.url };
  receiver.answerWith(500);
  await deliverWebhooks(post, new AbortController().signal);
  expect(["ord_tried", "ord_old", "ord_late"].map((orderId) => of(orderId).length)).toEqual([0, 0, 1]);
  expect(await sql`select id, tries from sandbox.webhook`).toMatchObject([{ id: "msg_late", tries: 6 }]);
});

test("a payment whose answer was lost is settled by its webhook at once", async () => {
  const till = shop.forOrder();
  expect(await till.pay("tok_timeout_charged")).toEqual({ outcome: "unknown" });
  expect((await till.payment()).status).toBe("pending");
  const [told] = await eventually(() => {
    const all = of(till.orderId);
    expect(all.length).toBeGreaterThan(0);
    return all;
  });
  const { headers, body } = told!;
  const input = {
    provider: "sandbox",
    raw: body.toString("base64"),
    id: headers["webhook-id"],
    timestamp: headers["webhook-timestamp"],
    signature: headers["webhook-signature"],
  };
  expect(await receive(input)).toEqual({});
  expect((await till.payment()).status).toBe("authorized");
  expect(await receive(input)).toEqual({});
  expect(await till.ledger()).toEqual([["authorize", 4_200]]);
});

test("what a webhook says of money is not believed", async () => {
  const till = shop.forOrder();
  await till.pay();
  expect(await receive(signed({ body: about(till.orderId) }))).toEqual({});
  expect(await till.payment()).toMatchObject({ status: "authorized", captured: { amount: 0 } });
});

test("a message that is forged, changed, too old or too new is refused", async () => {
  const body = about(shop.forOrder().orderId);
  const good = signed({ body });
  const hours = (count: number) => new Date(Date.now() + count * 3_600_000);
  const bad = [
    { ...good, signature: undefined },
    { ...good, id: "another" },
    { ...good, timestamp: String(Number(good.timestamp) + 1) },
    { ...good, timestamp: "now" },
    { ...good, raw: Buffer.from(`${body} `).toString("base64") },
    { ...good, signature: `v1,${Buffer.alloc(32).toString("base64")}` },
    { ...good, signature: good.signature.replace("v1,", "v2,") },
    { ...good, signature: "v1," },
    signed({ body, at: hours(-1) }),
    signed({ body, at: hours(1) }),
  ];
  for (const input of bad) await expect(receive(input)).rejects.toMatchObject({ type: "unauthorized" });
  expect(await receive({ ...good, signature: `v1a,zzz v1,AAAA ${good.signature}` })).toEqual({});
});

test("a provider that is not this shop's has no webhooks here", async () => {
  await expect(receive({ ...signed({ body: about(shop.forOrder().orderId) }), provider: "stripe" })).rejects.toMatchObject({
    type: "not_found",
  });
});

test("both implementations of the specification agree", () => {
  const key = shop.environment.deriveKey("sandbox webhooks");
  const body = JSON.stringify({ type: "größer", data: { orderId: "ord_1" } });
  const headers = standardHeaders("msg_1", body, key, Date.now());
  expect(independent.verify(body, headers)).toEqual(JSON.parse(body));
  const message = { body: Buffer.from(body), id: "msg_1", timestamp: headers["webhook-timestamp"] };
  expect(isStandardSigned({ ...message, signature: headers["webhook-signature"] }, key, Date.now())).toBe(true);
  expect(isStandardSigned({ ...message, signature: headers["webhook-signature"] }, Buffer.alloc(32), Date.now())).toBe(false);
});

test("a Stripe signature is read as Stripe writes it", () => {
  // Signed with the secret "whsec_test" by another program: printf '1700000000.{}' | openssl dgst -sha256 -hmac whsec_test
  const right = "35495024f4ef3f94e5a93e22221544c4b75e9a42300cd965ab81cb85cd994e91";
  const at = 1_700_000_000_000;
  const body = Buffer.from("{}");
  const check = (stripeSignature: string, now = at) => isStripeSigned({ body, stripeSignature }, "whsec_test", now);
  expect(check(`t=1700000000,v1=${right}`)).toBe(true);
  expect(check(`t=1700000000,v1=${"0".repeat(64)},v1=${right},v0=x`)).toBe(true);
  expect(check(`t=1700000000,v1=${right}`, at + 301_000)).toBe(false);
  expect(check(`t=1700000001,v1=${right}`)).toBe(false);
  expect(check(`v1=${right}`)).toBe(false);
  expect(check("")).toBe(false);
});
