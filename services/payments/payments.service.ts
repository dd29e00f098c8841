import { on } from "../../lib/reactions.ts";
import { service } from "../../lib/service.ts";
import * as orders from "../orders/contract.ts";
import { authorize } from "./authorize.ts";
import { captureConfirmed, captureSaga } from "./capture.ts";
import * as payments from "./contract.ts";
import { findLedgerEntries } from "./find-ledger-entries.ts";
import { openTill } from "./till.ts";
import { voidAuthorization } from "./void-authorization.ts";

export default service("payments", payments, (r) => {
  const till = openTill(r);
  const capture = captureSaga(till);
  return {
    actions: {
      authorize: authorize(till),
      voidAuthorization: voidAuthorization(till),
      findLedgerEntries: findLedgerEntries(r),
    },
    reactions: [on(orders.confirmed, captureConfirmed(r, capture))],
    sagas: [capture],
  };
});
