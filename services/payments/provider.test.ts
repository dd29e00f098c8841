import { randomBytes } from "node:crypto";
import { scratchDatabase } from "../../test/support/database.ts";
import { silent } from "../../test/support/logs.ts";
import { describeProvider } from "../../test/support/payment-provider.suite.ts";
import { startStripeStandIn } from "../../test/support/stripe-stand-in.ts";
import { sandbox } from "./sandbox/sandbox.ts";
import { deliverWebhooks } from "./sandbox/webhooks.ts";
import { stripeClient } from "./stripe/client.ts";
import { stripe } from "./stripe/stripe.ts";

describeProvider("sandbox", async (shopUrl) => {
  const database = await scratchDatabase("payments");
  const webhookKey = randomBytes(32);
  const post = { sql: database.sql, log: silent, webhookKey, shopUrl: () => shopUrl };
  const stopping = new AbortController();
  const posting = (async () => {
    while (!stopping.signal.aborted) await deliverWebhooks(post, stopping.signal);
  })();
  return {
    provider: sandbox({ sql: database.sql, webhookKey }),
    tokens: { pays: "tok_ok", isDeclined: "tok_declined", paysInSilence: "tok_timeout_charged", fails: "tok_error" },
    async dispose() {
      stopping.abort();
      await posting;
      await database[Symbol.asyncDispose]();
    },
  };
});

describeProvider("stripe", async (shopUrl) => {
  const [database, standIn] = await Promise.all([scratchDatabase("payments"), startStripeStandIn()]);
  standIn.notify(shopUrl);
  return {
    provider: stripe({
      sql: database.sql,
      client: stripeClient(standIn),
      webhookSecret: standIn.webhookSecret,
      takesSeveralCaptures: true,
    }),
    tokens: {
      pays: "pm_card_visa",
      isDeclined: "pm_card_visa_chargeDeclined",
      paysInSilence: "pm_card_visa_in_silence",
      fails: "pm_card_500",
    },
    async dispose() {
      await standIn[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
});
