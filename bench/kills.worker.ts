import { setTimeout as sleep } from "node:timers/promises";
import { ServiceBroker, type ServiceSchema } from "moleculer";
import { readConfig } from "../lib/config.ts";
import { brokerOptions } from "../moleculer.config.ts";

// A node that is going to be killed: its name is the argument, its bus is in the environment. Its calls take a moment, so that some
// are under way when it dies.

const [nodeID = ""] = process.argv.slice(2);
const MOMENT = 5;
const answer = async () => {
  await sleep(MOMENT);
  return nodeID;
};
const actions: object = {
  read: { contract: { repeat: "safe" }, handler: answer },
  keep: { contract: { repeat: "keyed" }, handler: answer },
};

const broker = new ServiceBroker({ ...brokerOptions(readConfig()), nodeID, stopped: async () => {} });
broker.createService({ name: "work", actions } as ServiceSchema);
await broker.start();
process.on("disconnect", () => process.exit());
process.send!("ready");
