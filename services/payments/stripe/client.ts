import { z } from "zod";

/** A success's body, or what Stripe says of the failure. */
export type Answer =
  | { readonly is: "done"; readonly body: unknown }
  /** `isReplayed`: the first request under this key has ended like that; this one has done nothing. */
  | { readonly is: "refused" | "failed"; readonly code: string; readonly isReplayed: boolean };

/** The part of Stripe's HTTP interface that is needed: https://docs.stripe.com/api */
export interface StripeClient {
  /** Throws when there was no answer, or one that says nothing about the request: whether it was executed is unknown then. */
  post(path: string, form: Readonly<Record<string, string>>, how: { key: string; signal: AbortSignal }): Promise<Answer>;
  /** Throws when there is no such object, or no answer. */
  get(path: string, signal: AbortSignal): Promise<unknown>;
}

interface Account {
  readonly url: string;
  readonly secretKey: string;
}

const Refusal = z.object({
  error: z.object({ code: z.string().optional(), decline_code: z.string().optional(), type: z.string() }),
});

/**
 * Another request about the same object or under the same key is being worked on, there were too many, or the account's key is
 * wrong. In none of these cases was the request executed, but its twin may be on the way.
 */
const SAYS_NOTHING = new Set([401, 403, 409, 429]);

/** The version of the interface that this is written against. */
const VERSION = "2024-06-20";

export function stripeClient({ url, secretKey }: Account): StripeClient {
  const request = async (path: string, init: RequestInit): Promise<Response> =>
    fetch(new URL(path, url), {
      redirect: "error",
      ...init,
      headers: { authorization: `Bearer ${secretKey}`, "stripe-version": VERSION, ...(init.headers as Record<string, string>) },
    });
  return {
    async post(path, form, { key, signal }) {
      const headers = { "content-type": "application/x-www-form-urlencoded", "idempotency-key": key };
      const response = await request(path, { method: "POST", headers, body: new URLSearchParams(form).toString(), signal });
      const body: unknown = await response.json().catch(() => undefined);
      if (response.ok) return { is: "done", body };
      const error = Refusal.safeParse(body).data?.error;
      const code = error?.decline_code ?? error?.code ?? error?.type ?? `status_${response.status}`;
      if (SAYS_NOTHING.has(response.status) || error?.type === "idempotency_error")
        throw new Error(`Stripe answered ${response.status} ${code} to ${path}.`);
      const isReplayed = response.headers.get("idempotent-replayed") === "true";
      return { is: response.status < 500 ? "refused" : "failed", code, isReplayed };
    },
    async get(path, signal) {
      const response = await request(path, { signal });
      if (!response.ok) throw new Error(`Stripe answered ${response.status} to ${path}.`);
      return response.json();
    },
  };
}
