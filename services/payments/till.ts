import type { Config } from "../../lib/config.ts";
import type { Database } from "../../lib/database.ts";
import { errorFields, type Log } from "../../lib/log.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import type { Provider } from "./provider.ts";
import { sandbox } from "./sandbox/sandbox.ts";
import { stripeClient } from "./stripe/client.ts";
import { stripe } from "./stripe/stripe.ts";

/** The provider has not answered: it may have done what it was asked for, or may still do it. */
export interface Unknown {
  readonly outcome: "unknown";
}

/** What the use cases of payments work with. */
export interface Till {
  readonly db: Database;
  readonly log: Log;
  readonly provider: Provider;
  /** Milliseconds that the provider has for an answer. */
  readonly patience: number;
}

type Choice = Pick<Config, "mode" | "paymentProvider">;
type Stripe = Pick<Config, "stripeApiUrl" | "stripeSecretKey" | "stripeWebhookSecret" | "stripeMulticapture">;

/** Throws an OperatorError when a production shop would, without having said so, take no real money. */
export function requireNamedProvider({ mode, paymentProvider }: Choice): void {
  if (mode !== "production" || paymentProvider !== undefined) return;
  throw new OperatorError(
    "In production the payment provider must be named: set PAYMENT_PROVIDER. PAYMENT_PROVIDER=sandbox moves no real money.",
  );
}

interface Shop {
  readonly db: Database;
  readonly log: Log;
  readonly config: Choice & Stripe & Pick<Config, "providerTimeout">;
  readonly deriveKey: (purpose: string) => Buffer;
}

/** The key that the sandbox signs its webhooks with. */
export const sandboxKey = ({ deriveKey }: Pick<Shop, "deriveKey">): Buffer => deriveKey("sandbox webhooks");

/** The till of this shop, with the provider that its configuration names. */
export function openTill(shop: Shop): Till {
  const { db, log, config } = shop;
  requireNamedProvider(config);
  const provider =
    config.paymentProvider === "stripe" ? openStripe(shop) : sandbox({ sql: db.sql, webhookKey: sandboxKey(shop) });
  return { db, log, provider, patience: config.providerTimeout };
}

/** Throws an OperatorError when the account's key is missing. */
function openStripe({ db, config }: Shop): Provider {
  const { stripeSecretKey, stripeApiUrl, stripeWebhookSecret, stripeMulticapture } = config;
  if (!stripeSecretKey) throw new OperatorError("PAYMENT_PROVIDER=stripe needs the account's key: set STRIPE_SECRET_KEY.");
  return stripe({
    sql: db.sql,
    client: stripeClient({ url: stripeApiUrl, secretKey: stripeSecretKey }),
    webhookSecret: stripeWebhookSecret,
    takesSeveralCaptures: stripeMulticapture,
  });
}

/** Asks the provider and waits no longer than the till's patience. Never hold a transaction across this. */
export async function ask<T>(
  { log, provider, patience }: Till,
  question: (signal: AbortSignal) => Promise<T>,
): Promise<T | Unknown> {
  const signal = AbortSignal.timeout(patience);
  try {
    return await Promise.race([question(signal), late(signal)]);
  } catch (error) {
    log.warn(`The payment provider ${provider.name} gave no answer`, errorFields(error));
    return { outcome: "unknown" };
  }
}

const late = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
