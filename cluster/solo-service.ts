import type { ServiceBroker, ServiceSchema } from "moleculer";
import { fault } from "../lib/fault.ts";
import { service } from "../lib/service.ts";
import * as contract from "./contract.ts";
import { nodeViews } from "./node-views.ts";

interface Parts {
  readonly broker: () => ServiceBroker;
  readonly stopAll: () => void;
}

/** Stands where the supervisor would in a shop that is one process: it shows and ends it, and refuses what needs processes. */
export const soloService = ({ broker, stopAll }: Parts): ServiceSchema =>
  service("supervisor", contract, () => {
    const refuse = async (): Promise<never> => {
      throw fault("conflict", "This shop runs in one process: `npx brickwork up` runs each service in its own.");
    };
    return {
      actions: {
        ps: async () => ({ nodes: await nodeViews(broker(), []) }),
        stop: async ({ service: name }) => {
          if (name) return refuse();
          // After the answer is out.
          setTimeout(stopAll, 20);
          return { stopped: ["all"] };
        },
        scale: refuse,
        kill: refuse,
        logs: refuse,
        release: refuse,
        deploy: refuse,
        rollback: refuse,
        begin: refuse,
        findChanges: refuse,
      },
    };
  });
