import type { ServiceBroker, ServiceSchema } from "moleculer";
import { fault } from "../lib/fault.ts";
import { type Handlers, service } from "../lib/service.ts";
import { Changes } from "./changes.ts";
import * as contract from "./contract.ts";
import type { Rollout } from "./contract.ts";
import type { Deployments } from "./deployments.ts";
import type { Fleet } from "./fleet.ts";
import { findLogs, readTail } from "./log-files.ts";
import { nodeViews } from "./node-views.ts";
import type { Supervisor } from "./supervisor.ts";

interface Parts {
  readonly broker: ServiceBroker;
  readonly supervisor: Supervisor;
  readonly fleet: Fleet;
  readonly deployments: Deployments;
  readonly data: string;
  /** Begins the end of everything. */
  readonly stopAll: () => void;
}

/** The supervisor as a service: the command line, the REPL and the console all use these actions. */
export const supervisorService = (parts: Parts): ServiceSchema =>
  service("supervisor", contract, () => ({
    actions: { ...looking(parts), ...steering(parts), ...deploying(parts), ...changing(parts) },
  }));

type All = Handlers<typeof contract>;

const known = ({ supervisor }: Parts, name: string): string => {
  if (supervisor.wanted(name)) return name;
  throw fault("not_found", `There is no service "${name}". The services are ${supervisor.services.join(", ")}.`);
};

function looking(parts: Parts): Pick<All, "ps" | "logs"> {
  const { broker, fleet, data } = parts;
  return {
    ps: async () => ({ nodes: await nodeViews(broker, fleet.all()) }),
    logs: async ({ service: name, lines }) => {
      const services = name ? [known(parts, name)] : await findLogs(data);
      const read = async (each: string) => ({ service: each, lines: [...(await readTail(data, each, lines)).lines] });
      return { logs: await Promise.all(services.map(read)) };
    },
  };
}

async function scaled(parts: Parts, name: string, count: number): Promise<string[]> {
  const { supervisor, fleet } = parts;
  const wanted = supervisor.wanted(known(parts, name))!;
  await supervisor.want({ [name]: { ...wanted, count } });
  return fleet.of(name).map(({ nodeId }) => nodeId);
}

function steering(parts: Parts): Pick<All, "scale" | "stop" | "kill"> {
  const { supervisor, fleet, stopAll } = parts;
  return {
    scale: async ({ service: name, count }) => ({ service: name, nodes: await scaled(parts, name, count) }),
    stop: async ({ service: name }) => {
      if (name) {
        await scaled(parts, name, 0);
        return { stopped: [name] };
      }
      // After the answer is out.
      setTimeout(stopAll, 20);
      return { stopped: supervisor.services };
    },
    kill: async ({ nodeId }) => {
      const member = fleet.get(nodeId);
      if (!member) throw fault("not_found", `No node ${nodeId} was started here. \`brickwork ps\` lists them.`);
      await fleet.kill(member);
      return { nodeId, pid: member.pid };
    },
  };
}

function deploying(parts: Parts): Pick<All, "release" | "deploy" | "rollback"> {
  const { supervisor, deployments } = parts;
  return {
    release: async ({ services }) => ({
      releases: await deployments.release(services.length > 0 ? services.map((name) => known(parts, name)) : supervisor.services),
    }),
    deploy: async ({ service: name, watch }) => ({
      rollouts: await deployments.deploy(name ? [known(parts, name)] : supervisor.services, watch),
    }),
    rollback: ({ service: name }) => deployments.rollback(known(parts, name)),
  };
}

function changing(parts: Parts): Pick<All, "begin" | "findChanges"> {
  const changes = new Changes();
  const { deployments } = parts;
  return {
    begin: async (wish) => {
      const name = known(parts, wish.service);
      if (wish.what === "rollback") return changes.begin(wish, async () => outcomeOf(await deployments.rollback(name)));
      if (wish.what === "deploy") return changes.begin(wish, async () => outcomeOf((await deployments.deploy([name]))[0]!));
      return changes.begin(wish, async () => `${(await scaled(parts, name, wish.count)).length} nodes`);
    },
    findChanges: async () => ({ changes: changes.list() }),
  };
}

/** Throws where a rollout did not come to its end. */
function outcomeOf({ outcome, from, to, reason }: Rollout): string {
  if (outcome === "went_back") throw fault("conflict", `still at ${from}, since with ${to}: ${reason}`);
  return outcome === "unchanged" ? `unchanged at ${to}` : `went from ${from} to ${to}`;
}
