import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { access, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "@jest/globals";
import { ServiceBroker } from "moleculer";
import { findRedis, startLastingRedis } from "../cluster/redis.ts";
import { importClosure, sourceReader } from "../cluster/releases/import-closure.ts";
import { findServices } from "../lib/node.ts";
import { hardenedRedis } from "../lib/transporter.ts";
import { eventually } from "./support/eventually.ts";

const ROOT = join(import.meta.dirname, "..");
const run = promisify(execFile);

let lines: string[];
let copied: string[];
beforeAll(async () => {
  const text = await readFile(join(ROOT, "docker/Dockerfile"), "utf8");
  lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const copies = lines.filter((line) => line.startsWith("COPY ") && !line.includes("--from="));
  copied = copies.flatMap((line) => line.split(/\s+/).slice(1, -1));
});

const lastOf = (word: string) => lines.findLast((line) => line.startsWith(`${word} `))?.slice(word.length + 1);

/** Whether a path gets past docker/Dockerfile.dockerignore: all but what is let in, without what is kept out again. */
async function isInContext(path: string): Promise<boolean> {
  const rules = (await readFile(join(ROOT, "docker/Dockerfile.dockerignore"), "utf8")).split("\n").filter(Boolean);
  const letIn = rules.filter((rule) => rule.startsWith("!")).map((rule) => rule.slice(1));
  const keptOut = rules.filter((rule) => rule.startsWith("**/")).map((rule) => rule.slice("**/".length));
  const isKeptOut = keptOut.some((rule) =>
    rule.startsWith("*") ? path.endsWith(rule.slice(1)) : path.split("/").includes(rule),
  );
  return letIn.some((rule) => path === rule || path.startsWith(`${rule}/`)) && !isKeptOut;
}

test("all that is copied into the image is there, and in the build's context", async () => {
  expect(copied.length).toBeGreaterThan(8);
  for (const path of copied) {
    await access(join(ROOT, path));
    expect([path, await isInContext(path)]).toEqual([path, true]);
  }
});

test("all that the start command loads, and every service with its tables, is copied into the image", async () => {
  const services = findServices().map((name) => `services/${name}/${name}.service.ts`);
  const files = await importClosure(sourceReader(ROOT), ["bin/brickwork.ts", "docker/healthcheck.mjs", ...services]);
  expect(files.length).toBeGreaterThan(150);
  for (const { path } of files) {
    const isCopied = copied.some((folder) => path === folder || path.startsWith(`${folder}/`));
    expect([path, isCopied, await isInContext(path)]).toEqual([path, true, true]);
  }
  expect(await isInContext("services/orders/migrations/0001.do.orders.sql")).toBe(true);
  expect(await isInContext("services/orders/orders.test.ts")).toBe(false);
  expect(await isInContext("docker/.env")).toBe(false);
});

test("the image runs production packages on Node 24 as an ordinary user, and knows when it is healthy", () => {
  expect(lines.filter((line) => line.startsWith("FROM ")).map((line) => line.split(" ")[1])).toEqual([
    "node:24-slim",
    "node:24-slim",
  ]);
  expect(lines.some((line) => line.startsWith("RUN npm ci --omit=dev --omit=optional"))).toBe(true);
  expect(lastOf("USER")).toBe("node");
  expect(lastOf("HEALTHCHECK")).toContain('CMD ["node", "docker/healthcheck.mjs"]');
  expect(lines.findIndex((line) => line === "ARG SERVICE")).toBeGreaterThan(
    lines.findLastIndex((line) => line.startsWith("COPY ")),
  );
});

test("the start command is one that the command line knows", async () => {
  expect(lastOf("CMD")).toBe('["sh", "-c", "exec node bin/brickwork.ts node \\"$SERVICE\\""]');
  const { stdout } = await run(process.execPath, ["bin/brickwork.ts", "node", "--help"], { cwd: ROOT });
  expect(stdout).toContain("brickwork node");
});

const check = async (env: Record<string, string>) => {
  const options = { cwd: ROOT, env: { PATH: process.env.PATH ?? "", ...env } };
  return run(process.execPath, ["docker/healthcheck.mjs"], options).then(
    () => "healthy",
    ({ code, stderr }: { code: number; stderr: string }) => `${code}: ${stderr.trim()}`,
  );
};

test("the gateway is as healthy as its own answer says", async () => {
  let status = 503;
  const server = createServer(({ url }, response) =>
    response.writeHead(url === "/health/ready" ? status : 404).end("orders is not running"),
  );
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const env = { SERVICE: "gateway", PORT: String((server.address() as AddressInfo).port) };
  expect(await check(env)).toBe("1: orders is not running");
  status = 200;
  expect(await check(env)).toBe("healthy");
  server.close();
  server.closeAllConnections();
  expect(await check(env)).toMatch(/^1: /);
});

test("another node is healthy while it listens and speaks on the bus", async () => {
  const program = await findRedis(process.env.PATH ?? "");
  const redis = await startLastingRedis({ program, password: "secret", say: () => {} });
  const env = { SERVICE: "orders", REDIS_URL: redis.url };
  const transporter = hardenedRedis({ url: redis.url, key: randomBytes(32).toString("hex") });
  const broker = new ServiceBroker({ nodeID: "orders-1", transporter, logger: false });
  try {
    expect(await check(env)).toBe("1: orders does not listen on the bus");
    await broker.start();
    await eventually(async () => expect(await check(env)).toBe("healthy"));
    await broker.stop();
    expect(await check(env)).toBe("1: orders does not listen on the bus");
    expect(await check({ ...env, REDIS_URL: redis.url.replace("secret", "wrong") })).toMatch(/^1: .*(WRONGPASS|NOAUTH)/);
  } finally {
    await redis.stop();
  }
  expect(await check(env)).toMatch(/^1: .*ECONNREFUSED/);
});
