import { service } from "../../lib/service.ts";
import { findAudit } from "./audit.ts";
import { change, watchCluster } from "./cluster.ts";
import * as contract from "./contract.ts";
import { findFeeds, findParkedEvents, settle } from "./feeds.ts";
import { keys } from "./keys.ts";
import { findSagas, getSaga, moveSaga } from "./sagas.ts";

export default service("operations", contract, (r) => {
  const cluster = watchCluster(r);
  return {
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
      getCluster: cluster,
      followCluster: cluster,
      scaleService: change(r, ({ name, count }) => ({ what: "scale", service: name, count })),
      deployService: change(r, ({ name }) => ({ what: "deploy", service: name })),
      rollbackService: change(r, ({ name }) => ({ what: "rollback", service: name })),
    },
  };
});
