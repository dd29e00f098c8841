import { resolve } from "node:path";
import type { ServiceBroker } from "moleculer";
import { OperatorError } from "../lib/operator-error.ts";
import { PACKETS, takePacket } from "./bridge.ts";
import { connectTo, type Door, openDoor, Refusal, socketPath, type Wire } from "./wire.ts";

/** A call that came from the command line. */
interface Asked {
  readonly action: string;
  readonly input: Record<string, unknown>;
}

/** What a node of some services needs on any machine. Only over this socket: it holds secrets that no node may ask another for. */
type Variables = (services: readonly string[]) => Promise<Record<string, string>>;

const oneProcess: Variables = async () => {
  throw new Refusal("This shop runs in one process, and no node can join it: `npx brickwork up` runs each service in its own.");
};

/**
 * Lets the command line of this user call every action of the running system, through the broker of this process. What is
 * told on the topic `said` is for people, while a call of theirs is under way.
 */
export const openControl = (data: string, broker: ServiceBroker, variables = oneProcess): Promise<Door> =>
  openDoor(socketPath(resolve(data), "control"), async (method, params, peer) => {
    if (method === PACKETS) return takePacket(broker, params, peer);
    if (method === "variables") return variables((params as { services: readonly string[] }).services);
    if (method !== "call") throw new Refusal(`There is no "${method}" here.`);
    const { action, input } = params as Asked;
    // Asked first, because the broker complains aloud of every call that it cannot place.
    if (!broker.registry.actions.isAvailable(action)) throw new Refusal(unknown(broker, action), "not_found");
    return broker.call(action, input, { meta: { caller: { kind: "system" }, edge: null } });
  });

function unknown(broker: ServiceBroker, action: string): string {
  const [service = ""] = action.split(".");
  const all = broker.registry.getActionList({ onlyAvailable: true }).map(({ name }) => name);
  const own = all.filter((name) => name.startsWith(`${service}.`));
  if (own.length > 0) return `There is no action ${action}. Those of ${service} are ${own.toSorted().join(", ")}.`;
  return `There is no action ${action}, and no service ${service} that runs.`;
}

/** A way to the running system of a data folder. Throws an OperatorError when none runs. */
export async function reach(data: string): Promise<Wire> {
  const folder = resolve(data);
  const wire = await connectTo(socketPath(folder, "control"));
  if (wire) return wire;
  const keeper = await connectTo(socketPath(folder, "keeper"));
  keeper?.close();
  throw new OperatorError(
    keeper
      ? `The shop on ${data} runs and has no supervisor: \`npx brickwork up --data ${data}\` takes it over.`
      : `No shop is running on ${data}: start one with \`npm start\`, or name its folder with --data.`,
  );
}

/** One call into the running system. Throws an OperatorError with what the callee said when it refuses. */
export const callRunning = <T>(wire: Wire, action: string, input: Record<string, unknown> = {}): Promise<T> =>
  ask<T>(wire, "call", { action, input });

/** The environment of one more node of a shop that runs. Throws an OperatorError where there can be none. */
export const askVariables = (wire: Wire, services: readonly string[]): Promise<Record<string, string>> =>
  ask(wire, "variables", { services });

async function ask<T>(wire: Wire, method: string, params: object): Promise<T> {
  try {
    return await wire.ask<T>(method, params);
  } catch (error) {
    if (error instanceof Refusal) throw new OperatorError(error.message, { cause: error });
    throw error;
  }
}
