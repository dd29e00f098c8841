import { on } from "../../lib/reactions.ts";
import { type Job, service } from "../../lib/service.ts";
import * as orders from "../orders/contract.ts";
import { authorize } from "./authorize.ts";
import { capture } from "./capture.ts";
import { captureConfirmed, captureSaga } from "./capture-saga.ts";
import * as payments from "./contract.ts";
import { findLedgerEntries } from "./find-ledger-entries.ts";
import { getPayment } from "./get-payment.ts";
import { giveBack } from "./give-back.ts";
import { findJournal, getTrialBalance } from "./ledger.ts";
import { receiveWebhook } from "./receive-webhook.ts";
import { reconcile, settleJob } from "./reconcile.ts";
import { refund } from "./refund.ts";
import { deliverWebhooks } from "./sandbox/webhooks.ts";
import { trimWebhooks } from "./store.ts";
import { openTill, sandboxKey } from "./till.ts";
import { voidAuthorization } from "./void-authorization.ts";

const HOUR = 3_600_000;

export default service("payments", payments, (r) => {
  const till = openTill(r);
  const confirmed = captureSaga(till);
  const post = {
    sql: r.db.sql,
    log: r.log,
    webhookKey: sandboxKey(r),
    shopUrl: () => r.config.publicUrl ?? r.addressOf("gateway"),
  };
  const sandboxPost: Job = { name: "send sandbox webhooks", every: 250, work: (stopping) => deliverWebhooks(post, stopping) };
  return {
    actions: {
      authorize: authorize(till),
      voidAuthorization: voidAuthorization(till),
      capture: capture(till),
      refund: refund(till),
      giveBack: giveBack(till),
      receiveWebhook: receiveWebhook(till),
      getPayment: getPayment(r),
      findJournal: findJournal(r),
      getTrialBalance: getTrialBalance(r),
      reconcile: reconcile(till),
      findLedgerEntries: findLedgerEntries(r),
    },
    reactions: [on(orders.confirmed, captureConfirmed(r, confirmed))],
    sagas: [confirmed],
    jobs: [
      settleJob(till),
      { name: "trim webhooks", every: HOUR, work: () => trimWebhooks(r.db.sql) },
      ...(till.provider.name === "sandbox" ? [sandboxPost] : []),
    ],
  };
});
