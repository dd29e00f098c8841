import { pageOf } from "../../../lib/contract.ts";
import type { Tx } from "../../../lib/database.ts";
import { fault } from "../../../lib/fault.ts";
import type { IdempotencyKey } from "../../../lib/idempotency.ts";
import { newId } from "../../../lib/ids.ts";
import { once } from "../../../lib/once.ts";
import type { Handlers, Resources } from "../../../lib/service.ts";
import type * as notifications from "../contract.ts";
import { secretOf } from "./model.ts";
import * as store from "./store.ts";

type Moves =
  "findWebhooks" | "createWebhook" | "changeWebhook" | "removeWebhook" | "renewSecret" | "findDeliveries" | "redriveDelivery";

/** What the administration does with webhooks and their deliveries. */
export const webhooks = ({ db, deriveKey }: Resources): Pick<Handlers<typeof notifications>, Moves> => {
  const shown = (row: store.WebhookRow) => ({ ...view(row), secret: secretOf(deriveKey("webhooks"), row) });
  return {
    async findWebhooks({ limit, cursor }) {
      const { data, meta } = pageOf(await store.findWebhooks(db.sql, { limit: limit + 1, cursor }), limit);
      return { data: data.map(view), meta };
    },
    createWebhook: ({ url, events }, { commit, idempotency }) =>
      commit(async (tx) =>
        shown(await onceFor(tx, idempotency, () => store.insertWebhook(tx, { id: newId("whk"), url, events }))),
      ),
    changeWebhook: (change, { commit }) => commit(async (tx) => view((await store.changeWebhook(tx, change)) ?? nothing())),
    removeWebhook: ({ id }, { commit }) => commit(async (tx) => ((await store.removeWebhook(tx, id)) ? {} : nothing())),
    renewSecret: ({ id }, { commit, idempotency }) =>
      commit(async (tx) => shown(await onceFor(tx, idempotency, async () => (await store.renewSecret(tx, id)) ?? nothing()))),
    async findDeliveries({ id, status, limit, cursor }) {
      if (!(await store.findWebhook(db.sql, id))) return nothing();
      return pageOf(await store.findDeliveries(db.sql, { webhookId: id, status, limit: limit + 1, cursor }), limit);
    },
    redriveDelivery: ({ id }, { commit }) => commit(async (tx) => (await store.reviveDelivery(tx, id)) ?? nothing()),
  };
};

const view = ({ secretVersion: _version, ...webhook }: store.WebhookRow) => webhook;

function nothing(): never {
  throw fault("not_found");
}

/** Under an idempotency key the row is kept and not the answer, which holds the secret. */
async function onceFor(
  tx: Tx,
  request: IdempotencyKey | undefined,
  work: () => Promise<store.WebhookRow>,
): Promise<store.WebhookRow> {
  if (!request) return work();
  const { scope, key, fingerprint } = request;
  const kept = await once(tx, `${scope} ${key}`, async () => ({ fingerprint, row: await work() }));
  if (kept.fingerprint !== fingerprint) throw fault("idempotency_key_reused");
  return kept.row;
}
