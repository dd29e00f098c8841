import { z } from "zod";
import type { Sql } from "../../../lib/database.ts";
import type { Authorization, Capture, Provider, Refund, Void } from "../provider.ts";
import { isStripeSigned } from "../signatures.ts";
import type { StripeClient } from "./client.ts";
import { drive } from "./drive.ts";
import { authorizationOf, captureOf, refundOf, voidOf } from "./decisions.ts";
import { captureForm, confirmationForm, creationForm, EXPAND, refundForm } from "./forms.ts";
import { bookingOf, Intent, Refunds } from "./objects.ts";
import * as store from "./store.ts";

interface Account {
  readonly sql: Sql;
  readonly client: StripeClient;
  /** Without it no webhook is believed. */
  readonly webhookSecret: string | undefined;
  /** Whether the account may capture a payment several times, where the card's bank allows it. */
  readonly takesSeveralCaptures: boolean;
}

/**
 * Stripe's Payment Intents (https://docs.stripe.com/api/payment_intents). The intent is made without a card first and its id
 * kept, then confirmed: so money can be held only by an intent that can be found again, and a void can cancel it beforehand.
 */
export function stripe({ sql, client, webhookSecret, takesSeveralCaptures }: Account): Provider {
  const intentPath = (id: string, what = "") => `/v1/payment_intents/${encodeURIComponent(id)}${what}`;
  const read = async (id: string, signal: AbortSignal): Promise<Intent> =>
    Intent.parse(await client.get(`${intentPath(id)}?expand[]=latest_charge`, signal));
  const reader = (id: string, signal: AbortSignal) => async (answer?: unknown) =>
    answer === undefined ? read(id, signal) : Intent.parse(answer);

  /** The order's intent, which is made when there is none yet. */
  async function intentOf(row: store.Row, signal: AbortSignal): Promise<Intent | string> {
    if (row.intentId) return read(row.intentId, signal);
    const made = await drive<Intent | undefined, Intent>({
      key: `create:${row.orderId}`,
      state: undefined,
      decide: (intent) => intent,
      send: (key) => client.post("/v1/payment_intents", creationForm(row, { takesSeveralCaptures }), { key, signal }),
      read: async (answer) => (answer === undefined ? undefined : Intent.parse(answer)),
    });
    if ("outcome" in made) return made.outcome === "refused" ? made.reason : raise(made.reason);
    const id = await store.keepIntent(sql, row.orderId, made.id);
    return id === made.id ? made : read(id, signal);
  }

  async function refunds(intent: Intent, signal: AbortSignal): Promise<Refunds> {
    if (intent.amount_received === 0) return [];
    return Refunds.parse(await client.get(`/v1/refunds?payment_intent=${encodeURIComponent(intent.id)}&limit=100`, signal)).data;
  }

  /** The intent under which something of the order may be held. */
  async function heldIntent(orderId: string, signal: AbortSignal): Promise<Intent | undefined> {
    const row = await store.findRow(sql, orderId);
    return row?.intentId ? read(row.intentId, signal) : undefined;
  }

  async function decline(orderId: string, reason: string): Promise<Authorization> {
    await store.keepDecline(sql, orderId, reason);
    return { outcome: "declined", reason };
  }

  return {
    name: "stripe",

    async authorize({ orderId, amount, token }, signal) {
      const row = await store.openRow(sql, orderId, amount);
      if (row.isClosed) return { outcome: "voided" };
      if (row.reason) return { outcome: "declined", reason: row.reason };
      const intent = await intentOf(row, signal);
      if (typeof intent === "string") return decline(orderId, intent);
      const answer = await drive<Intent, Authorization>({
        key: `confirm:${orderId}`,
        state: intent,
        decide: authorizationOf,
        send: (key, { id }) => client.post(intentPath(id, "/confirm"), confirmationForm(token), { key, signal }),
        read: reader(intent.id, signal),
      });
      if (answer.outcome === "declined" || answer.outcome === "refused") return decline(orderId, answer.reason);
      return answer;
    },

    async capture({ orderId, captureId, amount }, signal) {
      const intent = await heldIntent(orderId, signal);
      if (!intent) return { outcome: "refused", reason: "nothing_authorized" };
      return drive<Intent, Capture>({
        key: captureId,
        state: intent,
        decide: (now) => captureOf(now, captureId, amount),
        send: (key, now) => client.post(intentPath(now.id, "/capture"), captureForm(now, captureId, amount), { key, signal }),
        read: reader(intent.id, signal),
      });
    },

    async refund({ orderId, refundId, amount }, signal) {
      const intent = await heldIntent(orderId, signal);
      if (!intent) return { outcome: "refused", reason: "amount_not_captured" };
      const form = refundForm(intent, { orderId, refundId, amount });
      return drive<Refunds, Refund>({
        key: refundId,
        state: await refunds(intent, signal),
        decide: (all) => refundOf(intent, all, refundId, amount),
        send: (key) => client.post("/v1/refunds", form, { key, signal }),
        read: () => refunds(intent, signal),
      });
    },

    async voidAuthorization({ orderId }, signal) {
      // Closed here first: whoever authorizes after this finds it so, and whoever has begun is stopped by the cancellation.
      const row = await store.closeRow(sql, orderId);
      if (row.amount === null || (row.reason && !row.intentId)) return { outcome: "voided", released: null };
      const intent = await intentOf(row, signal);
      if (typeof intent === "string") return { outcome: "voided", released: null };
      const answer = await drive<Intent, Void>({
        key: `cancel:${orderId}`,
        state: intent,
        decide: voidOf,
        send: (key, { id }) => client.post(intentPath(id, "/cancel"), EXPAND, { key, signal }),
        read: reader(intent.id, signal),
      });
      return answer.outcome === "refused" ? raise(answer.reason) : answer;
    },

    async find(orderId, signal) {
      const row = await store.findRow(sql, orderId);
      if (!row) return { outcome: "nothing" };
      if (row.amount === null) return { outcome: "voided", released: null, captures: [], refunds: [] };
      const intent = row.intentId ? await read(row.intentId, signal) : undefined;
      const booking = intent ? bookingOf(intent, await refunds(intent, signal), row.isClosed) : ({ outcome: "nothing" } as const);
      return booking.outcome === "nothing" && row.reason ? { outcome: "declined", reason: row.reason } : booking;
    },

    async readWebhook(message) {
      if (!webhookSecret || !isStripeSigned(message, webhookSecret, Date.now())) return undefined;
      const { id, data } = Told.parse(JSON.parse(message.body.toString()));
      const { object, id: about, payment_intent: paid } = data.object;
      const intentId = object === "payment_intent" ? about : paid;
      return { id, orderId: intentId ? ((await store.findOrder(sql, intentId)) ?? null) : null };
    },
  };
}

/** An event of any kind: https://docs.stripe.com/api/events. What it is about is looked up, never believed. */
const Told = z.object({
  id: z.string(),
  data: z.object({
    object: z.object({
      object: z.string(),
      id: z.string().optional(),
      payment_intent: z.string().nullish(),
    }),
  }),
});

const raise = (reason: string): never => {
  throw new Error(`Stripe has refused or failed: ${reason}.`);
};
