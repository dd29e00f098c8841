import { fault } from "../../lib/fault.ts";
import type { Handler } from "../../lib/service.ts";
import type * as payments from "./contract.ts";
import { isOpen } from "./movement-store.ts";
import { settleOrder } from "./settle.ts";
import * as store from "./store.ts";
import type { Till } from "./till.ts";

/** What a webhook says of money is not believed: it has the provider asked about its order. */
export const receiveWebhook =
  (till: Till): Handler<typeof payments.receiveWebhook> =>
  async ({ provider, raw, ...headers }) => {
    if (provider !== till.provider.name) throw fault("not_found", `This shop takes no webhooks of "${provider}".`);
    const notice = await till.provider.readWebhook({ body: Buffer.from(raw, "base64"), ...headers });
    if (!notice) throw fault("unauthorized", "The message is not signed as it should be, or is too old.");
    if (await store.knowsWebhook(till.db.sql, provider, notice.id)) return {};
    if (notice.orderId && (await isOpen(till.db.sql, notice.orderId))) await settleOrder(till, notice.orderId);
    await store.rememberWebhook(till.db.sql, provider, notice.id);
    return {};
  };
