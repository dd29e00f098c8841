import { type Agent, type IncomingHttpHeaders, request } from "node:http";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServiceSchema } from "moleculer";
import type { Config } from "../../lib/config.ts";
import { service } from "../../lib/service.ts";
import { startNodes, type TestNodes } from "../../test/support/nodes.ts";
import { gatewayUrl } from "./address.ts";
import { gatewayFor } from "./gateway.service.ts";
import { keyRing } from "./keys.support.ts";
import { contract, handlers, type Witness } from "./things.support.ts";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The parsed body. */
  readonly json: {
    readonly [key: string]: unknown;
    readonly error: { code: string; message: string; details: unknown[]; requestId: string };
  };
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
}

/** A request that is sent exactly as it is written. */
export function ask(url: string, { method = "GET", headers = {}, body, agent }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined || "transfer-encoding" in headers ? {} : { "content-length": Buffer.byteLength(body) };
    const sent = request(url, { method, headers: { ...length, ...headers }, agent: agent ?? false }, (res) => {
      let text = "";
      res.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      res.on("end", () =>
        resolve({ status: res.statusCode!, headers: res.headers, text, json: text.startsWith("{") ? JSON.parse(text) : {} }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

export interface Shop extends Omit<TestNodes, typeof Symbol.asyncDispose> {
  [Symbol.asyncDispose](): Promise<void>;
  readonly url: string;
  readonly seen: Witness;
  readonly things: ServiceSchema;
  readonly admin: { authorization: string };
  /** Asks for a path of this shop. */
  ask(path: string, how?: Ask): Promise<Answer>;
  /** Sends JSON to a path of this shop. */
  post(path: string, body: unknown, headers?: Record<string, string>, method?: string): Promise<Answer>;
}

/** A gateway with one service behind it. */
export async function startShop({
  needs = ["things"],
  keepAlive = 200,
  requestTimeout = 3_000,
  more = {},
}: { needs?: string[]; keepAlive?: number; requestTimeout?: number; more?: Partial<Config> } = {}): Promise<Shop> {
  const folder = await mkdtemp(join(tmpdir(), "things-"));
  await mkdir(join(folder, "migrations"));
  await writeFile(join(folder, "migrations", "0001.do.thing.sql"), "create table thing (id text primary key);");
  const seen: Witness = { pieces: [], text: "", looks: 0, made: 0 };
  const schema = service("things", contract, () => ({ actions: handlers(seen) }), { folder });
  const config = { port: 0, keepAlive, bodyLimit: 10_000, requestTimeout, ...more };
  const nodes = await startNodes({ services: [], schemas: [schema, keyRing().schema, gatewayFor(needs)], config });
  const url = gatewayUrl(nodes.inside)!;
  return {
    ...nodes,
    [Symbol.asyncDispose]: async () => nodes[Symbol.asyncDispose](),
    url,
    seen,
    things: schema,
    admin: { authorization: `Bearer ${nodes.environment.adminKey}` },
    ask: (path, how) => ask(url + path, how),
    post: (path, body, headers, method = "POST") =>
      ask(url + path, { method, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) }),
  };
}
