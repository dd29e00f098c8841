import { ServiceBroker } from "moleculer";
import { type Kind, optionsOf } from "./bus.support.ts";

// Run by tests as a process of its own: a node with some actions. Arguments: the kind of transporter, the URL of Redis, the
// namespace, the node's name.
const [kind = "", url = "", namespace = "", nodeID = ""] = process.argv.slice(2);
const broker = new ServiceBroker({ ...optionsOf(kind as Kind, url, namespace), nodeID });
broker.createService({
  name: "peer",
  actions: {
    who: () => nodeID,
    echo: ({ params }: { params: unknown }) => params,
    hang: () => new Promise(() => {}),
    /** From now on sends events all the time, and never looks what becomes of them. */
    chatter: () => void setInterval(() => void broker.broadcast("chatter", {}), 1),
  },
});
await broker.start();
process.stdout.write("ready\n");
