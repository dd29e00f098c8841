import { service } from "../../lib/service.ts";
import { findAudit } from "./audit.ts";
import * as contract from "./contract.ts";
import { findFeeds, findParkedEvents, settle } from "./feeds.ts";
import { keys } from "./keys.ts";
import { findSagas, getSaga, moveSaga } from "./sagas.ts";

export default service("operations", contract, (r) => ({
  actions: {
    ...keys(r),
    findAudit: findAudit(r),
    findSagas: findSagas(r),
    getSaga: getSaga(r),
    retrySaga: moveSaga(r, "retry"),
    compensateSaga: moveSaga(r, "compensate"),
    skipSaga: moveSaga(r, "skip"),
    findFeeds: findFeeds(r),
    findParkedEvents: findParkedEvents(r),
    redriveParkedEvent: settle(r, "redrive"),
    dropParkedEvent: settle(r, "drop"),
  },
}));
