import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServiceSchema } from "moleculer";
import { z } from "zod";
import { action } from "../../lib/contract.ts";
import { service } from "../../lib/service.ts";
import { startNodes } from "../../test/support/nodes.ts";
import { gatewayUrl } from "./address.ts";
import { ask } from "./gateway.support.ts";
import { gatewayFor } from "./gateway.service.ts";
import { keyRing } from "./keys.support.ts";

const who = (route: `${"GET" | "POST"} /${string}`, access: "public" | "customer" | "admin", name: `desk.${string}`) =>
  action(name, {
    summary: "Says who asks.",
    input: z.object({}),
    output: z.object({ caller: z.unknown() }),
    access,
    http: route,
  });

/** Says who asks, for everybody, for customers and for administrators. */
const contract = {
  anyone: who("GET /store/v1/who", "public", "desk.anyone"),
  customer: who("GET /store/v1/me", "customer", "desk.customer"),
  admin: who("GET /admin/v1/who", "admin", "desk.admin"),
  write: who("POST /admin/v1/who", "admin", "desk.write"),
  follow: action("desk.follow", {
    summary: "Says who asks, again and again.",
    input: z.object({}),
    output: z.object({ caller: z.unknown(), look: z.int() }),
    access: "admin",
    http: { route: "GET /admin/v1/who/events", events: true },
  }),
};

/** A gateway with customers, a stand-in for operations (and one for customers, if it is given), and a service that says who asks. */
export async function startDesk(customers?: ServiceSchema) {
  const ring = keyRing();
  let looks = 0;
  const say = async (_: object, { caller }: { caller: unknown }) => ({ caller });
  const actions = {
    anyone: say,
    customer: say,
    admin: say,
    write: say,
    follow: async (_: object, { caller }: { caller: unknown }) => ({ caller, look: looks++ }),
  };
  const desk = service("desk", contract, () => ({ actions }), { folder: join(tmpdir(), "no-migrations") });
  const schemas = [desk, ring.schema, ...(customers ? [customers] : []), gatewayFor(["desk"])];
  const nodes = await startNodes({ services: customers ? [] : ["customers"], schemas, config: { port: 0, keepAlive: 200 } });
  const url = gatewayUrl(nodes.inside)!;
  const get = (path: string, bearer: string, method = "GET") =>
    ask(url + path, { method, headers: { authorization: `Bearer ${bearer}` } });
  return {
    ...nodes,
    ring,
    url,
    get,
    /** What a bearer is answered on a route for customers: the status, and who it is. */
    async identify(bearer: string) {
      const { status, json } = await get("/store/v1/me", bearer);
      return json.caller ?? status;
    },
    async signUp(email: string) {
      const { text } = await ask(`${url}/auth/v1/register`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ email, password: "tangled marmot" }),
      });
      return JSON.parse(text) as { accessToken: string; refreshToken: string };
    },
    post: (path: string, body: unknown) =>
      ask(url + path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    [Symbol.asyncDispose]: async () => nodes[Symbol.asyncDispose](),
  };
}

export type Desk = Awaited<ReturnType<typeof startDesk>>;

export const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
export const read = (token: string, at: number) => JSON.parse(Buffer.from(token.split(".")[at]!, "base64url").toString());
