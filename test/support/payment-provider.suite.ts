import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { money } from "../../lib/money.ts";
import type { Provider } from "../../services/payments/provider.ts";

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

type Make = () => Promise<ProviderUnderTest>;

interface Desk extends ProviderUnderTest {
  readonly orderId: string;
  readonly signal: AbortSignal;
}

const price = money(4_200, "EUR");

/** What every payment provider has to do, whoever it is: see `services/payments/provider.ts`. */
export function describeProvider(name: string, make: Make): void {
  describe(`payment provider ${name}`, () => {
    let made: ProviderUnderTest;
    beforeAll(async () => {
      made = await make();
    });
    afterAll(() => made.dispose());
    // Each test has an order of its own, so all of them can share the provider.
    const check: Check = (title, body) =>
      test(title, () => body({ ...made, orderId: newId("ord"), signal: new AbortController().signal }));
    authorizing(check);
    capturing(check);
    voiding(check);
    silence(check);
  });
}

type Check = (title: string, body: (desk: Desk) => Promise<void>) => void;

const pay = ({ provider, orderId, tokens, signal }: Desk, token = tokens.pays, amount = price) =>
  provider.authorize({ orderId, amount, token }, signal);
const take = ({ provider, orderId, signal }: Desk, amount = price) => provider.capture({ orderId, amount }, signal);
const cancel = ({ provider, orderId, signal }: Desk) => provider.voidAuthorization({ orderId }, signal);
const find = ({ provider, orderId, signal }: Desk) => provider.find(orderId, signal);
const AUTHORIZED = { outcome: "authorized", amount: price };

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
    const answers = await Promise.all(Array.from({ length: 10 }, () => pay(desk)));
    expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(["authorized"]));
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

  check("after an error of its own nothing is booked", async (desk) => {
    expect(await pay(desk, desk.tokens.fails)).toMatchObject({ outcome: "failed" });
    expect(await find(desk)).toEqual({ outcome: "nothing" });
  });
}

function capturing(check: Check): void {
  check("it captures what was authorized, once", async (desk) => {
    await pay(desk);
    const answers = await Promise.all([take(desk), take(desk)]);
    expect(answers).toEqual([
      { outcome: "captured", amount: price },
      { outcome: "captured", amount: price },
    ]);
    expect(await take(desk)).toEqual({ outcome: "captured", amount: price });
    expect(await find(desk)).toEqual({ outcome: "captured", amount: price });
  });

  check("it captures less than was authorized", async (desk) => {
    await pay(desk);
    expect(await take(desk, money(1, "EUR"))).toEqual({ outcome: "captured", amount: money(1, "EUR") });
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

function voiding(check: Check): void {
  check("a void gives the authorization back, and says the same when asked again", async (desk) => {
    await pay(desk);
    expect(await cancel(desk)).toEqual({ outcome: "voided", released: price });
    expect(await cancel(desk)).toEqual({ outcome: "voided", released: price });
    expect(await find(desk)).toEqual({ outcome: "voided", released: price });
  });

  check("an authorization that arrives after the void of its order is refused", async (desk) => {
    expect(await cancel(desk)).toEqual({ outcome: "voided", released: null });
    expect(await pay(desk)).toEqual({ outcome: "voided" });
    expect(await find(desk)).toEqual({ outcome: "voided", released: null });
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

  check("what is captured cannot be voided, and what is voided cannot be captured", async (desk) => {
    await pay(desk);
    const [capture, cancellation] = await Promise.all([take(desk), cancel(desk)]);
    const isTaken = capture.outcome === "captured";
    expect(cancellation).toEqual(isTaken ? { outcome: "captured" } : { outcome: "voided", released: price });
    expect(capture.outcome).toBe(isTaken ? "captured" : "voided");
    expect((await find(desk)).outcome).toBe(capture.outcome);
  });
}

function silence(check: Check): void {
  check("when its answer is lost it can be asked what it has booked", async (desk) => {
    const signal = AbortSignal.timeout(250);
    const given = desk.provider.authorize({ orderId: desk.orderId, amount: price, token: desk.tokens.paysInSilence }, signal);
    await expect(given).rejects.toThrow();
    expect(await find(desk)).toEqual(AUTHORIZED);
    expect(await take(desk)).toEqual({ outcome: "captured", amount: price });
  });
}
