import type { Resources } from "../../../lib/service.ts";
import { judge, secretOf, signatures } from "./model.ts";
import { post } from "../../../lib/public-post.ts";
import * as store from "./store.ts";

const BATCH = 20;
const LEASE = 60_000;

/** Tells what is due. Ends early, at the border of a batch, when the service stops. */
export const deliverTo = ({ db, config, log, deriveKey }: Resources) => {
  const key = () => deriveKey("webhooks");

  async function attempt(delivery: store.LeasedDelivery): Promise<store.Attempt> {
    const { id, type, payload, occurredAt, url } = delivery;
    const body = JSON.stringify({ type, timestamp: occurredAt, data: payload });
    const timestamp = Math.floor(Date.now() / 1_000);
    const headers = {
      "content-type": "application/json",
      "user-agent": "Brickwork",
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": signatures({ id, timestamp, body }, secretsOf(delivery)),
    };
    try {
      const answerStatus = await post({
        url,
        headers,
        body,
        mayBePrivate: config.privateWebhooks ?? config.mode !== "production",
      });
      return { answerStatus, error: null };
    } catch (error) {
      return { answerStatus: null, error: (error instanceof Error ? error.message : String(error)).slice(0, 500) };
    }
  }

  function secretsOf({ webhookId: id, secretVersion, isRenewing }: store.LeasedDelivery): string[] {
    const versions = isRenewing ? [secretVersion, secretVersion - 1] : [secretVersion];
    return versions.map((version) => secretOf(key(), { id, secretVersion: version }));
  }

  async function deliver(delivery: store.LeasedDelivery): Promise<void> {
    const made = await attempt(delivery);
    const verdict = judge(made.answerStatus, delivery.attempts, Math.random());
    if (verdict.is === "failed") {
      const { id: delivered, webhookId: webhook } = delivery;
      log.error("A webhook was not taken and waits for an operator", { delivery: delivered, webhook, ...made });
    }
    await store.settle(db.sql, delivery, made, verdict);
  }

  return async (stopping: AbortSignal): Promise<void> => {
    while (!stopping.aborted) {
      const due = await store.leaseDeliveries(db.sql, { limit: BATCH, lease: LEASE });
      await Promise.all(due.map(deliver));
      if (due.length < BATCH) return;
    }
  };
};
