import { resolve } from "node:path";
import { Command } from "commander";
import { type BrokerOptions, ServiceBroker } from "moleculer";
import { reach } from "../cluster/control.ts";
import { findKeeper } from "../cluster/keeper-client.ts";
import type { Holdings } from "../cluster/keeper-contract.ts";
import { WireTransporter } from "../cluster/wire-transporter.ts";
import { readConfig } from "../lib/config.ts";
import { nodeName } from "../lib/ids.ts";
import { brokerOptions } from "../moleculer.config.ts";
import { dataOption, jsonOption } from "./options.ts";
import { printJson, tell } from "./running.ts";

/** `brickwork repl`: the Moleculer REPL on a node of its own, joined to the running system. */
export const replCommand = () =>
  new Command("repl")
    .description("open the Moleculer REPL, joined to the running system as one more node")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async ({ data, json }: { data: string; json?: boolean }) => {
      const broker = new ServiceBroker({ ...(await waysToJoin(data)), nodeID: nodeName("repl"), stopped: async () => {} });
      await broker.start();
      if (json) printJson({ ready: true, nodeId: broker.nodeID });
      broker.repl();
    });

/** Over the Redis of the shop of this folder, or of this environment; otherwise over the socket in the folder. */
async function waysToJoin(data: string): Promise<BrokerOptions> {
  const config = { ...readConfig({ data }), logLevel: "error" as const };
  const keeper = await findKeeper(resolve(data));
  if (keeper) {
    const { redisUrl, busKey, namespace } = await keeper.ask<Holdings>("holdings");
    keeper.close();
    return brokerOptions({ ...config, redisUrl, busKey, namespace });
  }
  if (config.redisUrl) return brokerOptions(config);
  const wire = await reach(data);
  void wire.gone.then(() => {
    tell("The shop has stopped.");
    process.exit(1);
  });
  return {
    ...brokerOptions(config),
    transporter: new WireTransporter(wire),
    // The other end is this machine's: it is there as long as the socket is.
    registry: { discoverer: { type: "Local", options: { disableHeartbeatChecks: true } } },
  };
}
