import type { Config } from "../../lib/config.ts";
import type { Database } from "../../lib/database.ts";
import { errorFields, type Log } from "../../lib/log.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import type { Provider } from "./provider.ts";
import { sandbox } from "./sandbox/sandbox.ts";

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

/** Throws an OperatorError when a production shop would, without having said so, take no real money. */
export function requireNamedProvider({ mode, paymentProvider }: Choice): void {
  if (mode !== "production" || paymentProvider === "sandbox") return;
  throw new OperatorError(
    "In production the payment provider must be named: set PAYMENT_PROVIDER. PAYMENT_PROVIDER=sandbox moves no real money.",
  );
}

interface Shop {
  readonly db: Database;
  readonly log: Log;
  readonly config: Choice & Pick<Config, "providerTimeout">;
}

/** The till of this shop, with the provider that its configuration names. */
export function openTill({ db, log, config }: Shop): Till {
  requireNamedProvider(config);
  return { db, log, provider: sandbox(db.sql), patience: config.providerTimeout };
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
