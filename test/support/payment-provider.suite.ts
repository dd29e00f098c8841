import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { money } from "../../lib/money.ts";
import type { Provider, WebhookMessage } from "../../services/payments/provider.ts";
import { type Received, startWebhookReceiver, type WebhookReceiver } from "./webhook-receiver.ts";

/** A provider under test, and the tokens that bring its behaviours about. */
export interface ProviderUnderTest {
  readonly provider: Provider;
  readonly tokens: {
    readonly pays: string;
    readonly isDeclined: string;
    /** The authorization is booked and the answer never comes. */
    readonly paysInSilence: string;
    /** The provider answers with its own error and books nothing. */
    readonly fails: string;
  };
  dispose(): Promise<void>;
}

/** `shopUrl` is where the provider is to send its webhooks. */
type Make = (shopUrl: string) => Promise<ProviderUnderTest>;

interface Desk extends ProviderUnderTest {
  readonly orderId: string;
  readonly signal: AbortSignal;
  readonly shop: WebhookReceiver;
}

const price = money(4_200, "EUR");
const euros = (amount: number) => money(amount, "EUR");

/** What every payment provider has to do, whoever it is: see `services/payments/provider.ts`. */
export function describeProvider(name: string, make: Make): void {
  describe(`payment provider ${name}`, () => {
    let made: ProviderUnderTest;
    let shop: WebhookReceiver;
    beforeAll(async () => {
      shop = await startWebhookReceiver();
      made = await make(shop.url);
    });
    afterAll(async () => {
      await made.dispose();
      await shop[Symbol.asyncDispose]();
    });
    // Each test has an order of its own, so all of them can share the provider.
    const check: Check = (title, body) =>
      test(title, () => body({ ...made, shop, orderId: newId("ord"), signal: new AbortController().signal }));
    authorizing(check);
    capturing(check);
    refunding(check);
    voiding(check);
    silence(check);
    webhooks(check);
  });
}

type Check = (title: string, body: (desk: Desk) => Promise<void>) => void;

const pay = ({ provider, orderId, tokens, signal }: Desk, token = tokens.pays, amount = price) =>
  provider.authorize({ orderId, amount, token }, signal);
const take = ({ provider, orderId, signal }: Desk, amount = price, captureId: string = newId("cap")) =>
  provider.capture({ orderId, captureId, amount }, signal);
const giveSome = ({ provider, orderId, signal }: Desk, amount = price, refundId: string = newId("rfd")) =>
  provider.refund({ orderId, refundId, amount }, signal);
const cancel = ({ provider, orderId, signal }: Desk) => provider.voidAuthorization({ orderId }, signal);
const find = ({ provider, orderId, signal }: Desk) => provider.find(orderId, signal);
const AUTHORIZED = { outcome: "authorized", amount: price, captures: [], refunds: [] };
const UNPAID = { outcome: "voided", released: null, captures: [], refunds: [] };

function authorizing(check: Check): void {
  check("it knows nothing of an order it was never asked about", async (desk) => {
    expect(await find(desk)).toEqual({ outcome: "nothing" });
  });

  check("it authorizes an amount", async (desk) => {
    expect(await pay(desk)).toEqual({ outcome: "authorized" });
    expect(await find(desk)).toEqual(AUTHORIZED);
  });

  check("the same order is authorized once, whoever asks again and for whatever amount", async (desk) => {
    await pay(desk);
    expect(await pay(desk, desk.tokens.pays, money(9_900, "EUR"))).toEqual({ outcome: "authorized" });
    expect(await pay(desk, desk.tokens.isDeclined)).toEqual({ outcome: "authorized" });
    expect(await find(desk)).toEqual(AUTHORIZED);
  });

  check("ten requests for one order at one instant give one authorization", async (desk) => {
    const answers = await Promise.allSettled(Array.from({ length: 10 }, () => pay(desk)));
    // A request that is refused because another one is under way is an answer that has not come.
    const given = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value.outcome] : []));
    expect(new Set(given)).toEqual(new Set(["authorized"]));
    expect(await pay(desk)).toEqual({ outcome: "authorized" });
    expect(await find(desk)).toEqual(AUTHORIZED);
  });

  check("a declined order stays declined, with the reason", async (desk) => {
    const refusal = await pay(desk, desk.tokens.isDeclined);
    expect(refusal).toEqual({ outcome: "declined", reason: expect.any(String) });
    expect(await find(desk)).toEqual(refusal);
    expect(await pay(desk)).toEqual(refusal);
  });

  check("it declines a card that it does not know", async (desk) => {
    expect(await pay(desk, "constructor")).toMatchObject({ outcome: "declined" });
  });

  check("after an error of its own nothing is booked, however often it is tried", async (desk) => {
    expect(await pay(desk, desk.tokens.fails)).toMatchObject({ outcome: "failed" });
    expect(await find(desk)).toEqual({ outcome: "nothing" });
    expect(await pay(desk, desk.tokens.fails)).toMatchObject({ outcome: "failed" });
    expect(await find(desk)).toEqual({ outcome: "nothing" });
  });
}

function capturing(check: Check): void {
  check("it captures under one id once, whoever asks again", async (desk) => {
    await pay(desk);
    const id = newId("cap");
    await Promise.allSettled([take(desk, price, id), take(desk, price, id)]);
    expect(await take(desk, price, id)).toEqual({ outcome: "captured", amount: price });
    expect(await find(desk)).toEqual({ ...AUTHORIZED, captures: [{ id, amount: price }] });
  });

  check("it captures in parts, until nothing is left", async (desk) => {
    await pay(desk);
    const [first, second] = [newId("cap"), newId("cap")];
    expect(await take(desk, euros(1_200), first)).toEqual({ outcome: "captured", amount: euros(1_200) });
    expect(await take(desk, euros(3_001))).toMatchObject({ outcome: "refused" });
    expect(await take(desk, euros(3_000), second)).toEqual({ outcome: "captured", amount: euros(3_000) });
    expect(await take(desk, euros(1_200), first)).toEqual({ outcome: "captured", amount: euros(1_200) });
    expect(await take(desk, euros(1))).toMatchObject({ outcome: "refused" });
    expect(await find(desk)).toMatchObject({
      captures: [
        { id: first, amount: euros(1_200) },
        { id: second, amount: euros(3_000) },
      ],
    });
  });

  check("captures at one instant never come to more than was authorized", async (desk) => {
    await pay(desk);
    await Promise.allSettled(Array.from({ length: 5 }, () => take(desk, euros(1_000))));
    const booking = await find(desk);
    const captured = "captures" in booking ? booking.captures.reduce((sum, { amount }) => sum + amount.amount, 0) : 0;
    expect(captured).toBeGreaterThan(0);
    expect(captured).toBeLessThanOrEqual(4_200);
  });

  check("it refuses to capture more, or in another currency", async (desk) => {
    await pay(desk);
    expect(await take(desk, money(price.amount + 1, "EUR"))).toMatchObject({ outcome: "refused" });
    expect(await take(desk, money(price.amount, "USD"))).toMatchObject({ outcome: "refused" });
    expect(await find(desk)).toEqual(AUTHORIZED);
  });

  check("it refuses to capture where nothing is authorized", async (desk) => {
    expect(await take(desk)).toMatchObject({ outcome: "refused" });
    await pay(desk, desk.tokens.isDeclined);
    expect(await take(desk)).toMatchObject({ outcome: "refused" });
  });
}

function refunding(check: Check): void {
  check("it refunds under one id once, in parts, and never more than was captured", async (desk) => {
    await pay(desk);
    expect(await giveSome(desk, euros(1))).toMatchObject({ outcome: "refused" });
    await take(desk, euros(2_000));
    const [first, second] = [newId("rfd"), newId("rfd")];
    expect(await giveSome(desk, euros(500), first)).toEqual({ outcome: "refunded", amount: euros(500) });
    expect(await giveSome(desk, euros(500), first)).toEqual({ outcome: "refunded", amount: euros(500) });
    expect(await giveSome(desk, euros(1_501))).toMatchObject({ outcome: "refused" });
    expect(await giveSome(desk, euros(1_500), second)).toEqual({ outcome: "refunded", amount: euros(1_500) });
    expect(await giveSome(desk, euros(1))).toMatchObject({ outcome: "refused" });
    const booking = await find(desk);
    const refunds = "refunds" in booking ? booking.refunds : [];
    expect(new Map(refunds.map(({ id, amount }) => [id, amount.amount]))).toEqual(
      new Map<string, number>([
        [first, 500],
        [second, 1_500],
      ]),
    );
  });

  check("two requests under one id at one instant refund once", async (desk) => {
    await pay(desk);
    await take(desk);
    const id = newId("rfd");
    await Promise.allSettled([giveSome(desk, euros(700), id), giveSome(desk, euros(700), id)]);
    expect(await giveSome(desk, euros(700), id)).toEqual({ outcome: "refunded", amount: euros(700) });
    expect(await find(desk)).toMatchObject({ refunds: [{ id, amount: euros(700) }] });
  });

  check("it refuses to refund an order that it does not know", async (desk) => {
    expect(await giveSome(desk)).toMatchObject({ outcome: "refused" });
  });
}

function voiding(check: Check): void {
  check("a void gives the authorization back, and says the same when asked again", async (desk) => {
    await pay(desk);
    expect(await cancel(desk)).toEqual({ outcome: "voided", released: price });
    expect(await cancel(desk)).toEqual({ outcome: "voided", released: price });
    expect(await find(desk)).toEqual({ ...UNPAID, released: price });
  });

  check("an authorization that arrives after the void of its order is refused", async (desk) => {
    expect(await cancel(desk)).toEqual({ outcome: "voided", released: null });
    expect(await pay(desk)).toEqual({ outcome: "voided" });
    expect(await find(desk)).toEqual(UNPAID);
  });

  check("an order that was paid and voided is not authorized again", async (desk) => {
    await pay(desk);
    await cancel(desk);
    expect(await pay(desk)).toEqual({ outcome: "voided" });
  });

  check("a declined order can be voided", async (desk) => {
    await pay(desk, desk.tokens.isDeclined);
    expect(await cancel(desk)).toEqual({ outcome: "voided", released: null });
  });

  check("a void gives back what was not captured, and the rest can still be refunded", async (desk) => {
    await pay(desk);
    await take(desk, euros(1_200));
    expect(await cancel(desk)).toEqual({ outcome: "voided", released: euros(3_000) });
    expect(await take(desk, euros(1))).toEqual({ outcome: "voided" });
    expect(await cancel(desk)).toEqual({ outcome: "voided", released: euros(3_000) });
    expect(await giveSome(desk, euros(1_200))).toEqual({ outcome: "refunded", amount: euros(1_200) });
  });

  check("of what is captured in full a void gives nothing back", async (desk) => {
    await pay(desk);
    await take(desk);
    expect(await cancel(desk)).toEqual({ outcome: "voided", released: null });
    expect(await find(desk)).toMatchObject({ outcome: "voided", released: null, captures: [{ amount: price }] });
  });

  check("of a capture and a void at one instant one wins, and both say which", async (desk) => {
    await pay(desk);
    const id = newId("cap");
    await Promise.allSettled([take(desk, price, id), cancel(desk)]);
    const [capture, cancellation] = [await take(desk, price, id), await cancel(desk)];
    const isTaken = capture.outcome === "captured";
    expect(cancellation).toEqual({ outcome: "voided", released: isTaken ? null : price });
    expect(await find(desk)).toMatchObject({ outcome: "voided", captures: isTaken ? [{ id }] : [] });
  });
}

function silence(check: Check): void {
  check("when its answer is lost it can be asked what it has booked", async (desk) => {
    const signal = AbortSignal.timeout(1_000);
    const given = desk.provider.authorize({ orderId: desk.orderId, amount: price, token: desk.tokens.paysInSilence }, signal);
    await expect(given).rejects.toThrow();
    expect(await find(desk)).toEqual(AUTHORIZED);
    expect(await take(desk)).toEqual({ outcome: "captured", amount: price });
  });
}

const messageOf = ({ body, headers }: Received): WebhookMessage => ({
  body,
  id: headers["webhook-id"],
  timestamp: headers["webhook-timestamp"],
  signature: headers["webhook-signature"],
  stripeSignature: headers["stripe-signature"],
});

function webhooks(check: Check): void {
  check("it tells the shop, signed, and what was changed on the way is not believed", async (desk) => {
    await pay(desk);
    // By its order, or by what the provider has of its own for it: read back through the provider itself.
    const about = async (request: Received) => (await desk.provider.readWebhook(messageOf(request)))?.orderId === desk.orderId;
    const first = await firstAbout(desk, about);
    expect(await desk.provider.readWebhook(messageOf(first))).toEqual({ id: expect.any(String), orderId: desk.orderId });
    const changed = { ...messageOf(first), body: Buffer.from(first.body.toString().replace("4200", "1")) };
    expect(changed.body.equals(first.body)).toBe(false);
    expect(await desk.provider.readWebhook(changed)).toBeUndefined();
    expect(await desk.provider.readWebhook({ body: first.body })).toBeUndefined();
  });
}

async function firstAbout({ shop }: Desk, about: (request: Received) => Promise<boolean>): Promise<Received> {
  const known = new Set<Received>();
  for (;;) {
    const next = await shop.first((request) => !known.has(request));
    if (await about(next)) return next;
    known.add(next);
  }
}
