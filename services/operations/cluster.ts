import type { Input } from "../../lib/contract.ts";
import { fault, faultCode } from "../../lib/fault.ts";
import { errorFields } from "../../lib/log.ts";
import { memo } from "../../lib/memo.ts";
import type { Ctx, Handler, Resources } from "../../lib/service.ts";
import * as supervisor from "../../cluster/contract.ts";
import type * as contract from "./contract.ts";
import { servicesOf, viewOf } from "./model.ts";

/** Milliseconds. Each look asks every node, and each open stream of events looks more than twice a second. */
const LOOK = 1_000;

/** Shows the nodes that run, with whatever they tell of themselves. */
export function watchCluster(r: Resources): Handler<typeof contract.getCluster> {
  const look = memo(LOOK, r.nodes);
  return async (_, ctx) => {
    const [reports, changes] = await Promise.all([look(), findChanges(r, ctx)]);
    const silent = reports.flatMap(({ nodeId, figures }) => (figures ? [] : [nodeId]));
    return {
      services: servicesOf(reports),
      nodes: reports.map(viewOf),
      changes: changes === "silent" ? null : changes,
      degraded: changes === "silent" ? [...silent, "supervisor"] : silent,
    };
  };
}

type Changes = contract.Cluster["changes"];

/** Null without a supervisor, or with one that can change nothing. */
async function findChanges({ peers, log }: Resources, { call }: Pick<Ctx, "call">): Promise<Changes | "silent"> {
  if (!peers().includes("supervisor")) return null;
  try {
    return (await call(supervisor.findChanges, {})).changes;
  } catch (error) {
    if (faultCode(error) === "conflict") return null;
    log.warn("the supervisor did not answer", errorFields(error));
    return "silent";
  }
}

type Wish = Input<typeof supervisor.begin>;

/** Has the supervisor change how a service runs. */
export const change =
  <I>(r: Resources, wishOf: (input: I) => Wish) =>
  async (input: I, ctx: Pick<Ctx, "call" | "respond">) => {
    if (!r.peers().includes("supervisor")) {
      throw fault("conflict", "No supervisor looks after these nodes: change them where they were started.");
    }
    const begun = await ctx.call(supervisor.begin, wishOf(input));
    if (begun.status !== "running") ctx.respond({ status: 200 });
    return begun;
  };
