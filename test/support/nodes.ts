import { randomBytes } from "node:crypto";
import { ServiceBroker, type ServiceSchema } from "moleculer";
import type { z } from "zod";
import type { Action, Output } from "../../lib/contract.ts";
import { type Config, readConfig } from "../../lib/config.ts";
import type { Caller, Edge } from "../../lib/edge.ts";
import { type Environment, openEnvironment, provideEnvironment } from "../../lib/environment.ts";
import { loadServices } from "../../lib/node.ts";
import { brokerOptions } from "../../moleculer.config.ts";
import { dropNamespace, scratchNamespace, serverUrl } from "./database.ts";

/** Some services on two nodes of one bus: calls of the test arrive from another node, as they would in the split shape. */
export interface TestNodes extends AsyncDisposable {
  readonly environment: Environment;
  /** The node that has the services. */
  readonly inside: ServiceBroker;
  /** A node without services. */
  readonly outside: ServiceBroker;
  /** Calls as another service would. */
  call<A extends Action>(action: A, input: z.input<A["input"]>): Promise<Output<A>>;
  /** Calls as the gateway would for a request from outside: unknown fields are refused, access is checked. */
  request<A extends Action>(action: A, input: unknown, how?: Partial<Edge> & { caller?: Caller }): Promise<Output<A>>;
}

interface Options {
  readonly services: readonly string[];
  /** More services, for instance small ones of a test's own. */
  readonly schemas?: readonly ServiceSchema[];
  readonly config?: Partial<Config>;
}

/** Starts services on fresh databases. Everything is gone when the test is over. */
export async function startNodes({ services, schemas = [], config = {} }: Options): Promise<TestNodes> {
  const namespace = scratchNamespace();
  const secret = randomBytes(32).toString("hex");
  const given = {
    namespace,
    databaseUrl: serverUrl(),
    shopSecret: secret,
    adminKey: secret,
    seed: "empty" as const,
    mode: "test" as const,
    logLevel: "fatal" as const,
  };
  const environment = await openEnvironment({ ...readConfig({ ...given }, {}), ...config }, () => {});
  const options = { ...brokerOptions(environment.config), transporter: "Fake" as const, stopped: async () => {} };
  const [inside, outside] = ["inside", "outside"].map(
    (name) => new ServiceBroker({ ...options, nodeID: `${name}-${namespace}` }),
  ) as [ServiceBroker, ServiceBroker];
  provideEnvironment(inside, environment);
  for (const schema of [...(await loadServices(services)), ...schemas]) inside.createService(schema);
  await Promise.all([inside.start(), outside.start()]);
  await outside.waitForServices([...services, ...schemas.map(({ name }) => name)], 10_000, 20);
  const send = (action: Action, input: unknown, meta: object) =>
    outside.call(action.name, input as Record<string, unknown>, { meta }) as never;
  return {
    environment,
    inside,
    outside,
    call: (action, input) => send(action, input, { edge: null }),
    request: (action, input, { caller = { kind: "guest" }, ...edge } = {}) =>
      send(action, input, {
        caller,
        edge: { path: [], query: [], method: action.http?.route.split(" ")[0] ?? "POST", url: "/test", ...edge },
      }),
    async [Symbol.asyncDispose]() {
      await outside.stop();
      await inside.stop();
      await environment.close();
      await dropNamespace(namespace);
    },
  };
}
