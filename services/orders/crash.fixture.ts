import { readConfig } from "../../lib/config.ts";
import { openEnvironment } from "../../lib/environment.ts";
import { armFailpoint } from "../../lib/failpoint.ts";
import { startNode } from "../../lib/node.ts";
import { brokerOptions } from "../../moleculer.config.ts";
import { EVERYTHING, type Plan } from "./crash.support.ts";

// Run by tests as a process of its own, beside the nodes of the test and on their databases: makes one move of the
// administration and dies by its own hand at a failpoint.
const { given, action, input, point } = JSON.parse(process.argv[2] ?? "") as Plan;
const environment = await openEnvironment(readConfig(given, {}), () => {});
const options = { ...brokerOptions(environment.config), nodeID: `dying-${process.pid}` };
const { broker, stop } = await startNode({ environment, broker: options, services: EVERYTHING });
const edge = { path: ["id"], query: [], method: "POST", url: `/orders/${String(input["id"])}`, idempotencyKey: point };
armFailpoint(point);
await broker.call(action, input, { meta: { edge, caller: { kind: "admin", id: "key_ada", scopes: [] } } });
await stop();
