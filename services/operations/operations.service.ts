import { service } from "../../lib/service.ts";
import * as contract from "./contract.ts";
import { findFeeds, findParkedEvents, settle } from "./feeds.ts";
import { findSagas, getSaga, moveSaga } from "./sagas.ts";

export default service("operations", contract, (r) => ({
  actions: {
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
