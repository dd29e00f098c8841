import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { access, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "@jest/globals";
import { z } from "zod";
import { describeConfig } from "../lib/config.ts";
import { findServices } from "../lib/node.ts";
import { eventually } from "./support/eventually.ts";

const ROOT = join(import.meta.dirname, "..");
const run = promisify(execFile);
const text = (name: string) => readFile(join(ROOT, "docker", name), "utf8");

const Health = z.strictObject({
  test: z.array(z.string()),
  interval: z.string(),
  timeout: z.string(),
  start_interval: z.string(),
  start_period: z.string(),
});

/** What of the Compose specification is used here; a word that is not in it is a slip. */
const Block = z.strictObject({
  image: z.string().optional(),
  build: z
    .strictObject({ context: z.string(), dockerfile: z.string(), args: z.strictObject({ SERVICE: z.string() }) })
    .optional(),
  user: z.string().optional(),
  init: z.boolean().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  profiles: z.array(z.string()).optional(),
  ports: z.array(z.string()).optional(),
  networks: z.array(z.string()),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal("service_healthy") })).default({}),
  healthcheck: Health.optional(),
  restart: z.literal("unless-stopped"),
  read_only: z.literal(true),
  tmpfs: z.array(z.string()).min(1),
  shm_size: z.string().optional(),
  cap_drop: z.tuple([z.literal("ALL")]),
  cap_add: z.array(z.string()).optional(),
  security_opt: z.tuple([z.literal("no-new-privileges:true")]),
  stop_grace_period: z.string().optional(),
  deploy: z.strictObject({
    resources: z.strictObject({ limits: z.strictObject({ cpus: z.string(), memory: z.string(), pids: z.int() }) }),
  }),
});

const Compose = z.object({
  name: z.string(),
  services: z.record(z.string(), Block),
  networks: z.record(z.string(), z.strictObject({ internal: z.boolean().optional() })),
  volumes: z.record(z.string(), z.strictObject({})),
});

const { load } = createRequire(import.meta.url)("js-yaml") as { load: (yaml: string) => unknown };

let compose: z.output<typeof Compose>;
let yaml: string;
beforeAll(async () => {
  yaml = await text("compose.yaml");
  compose = Compose.parse(load(yaml));
});

const nodes = () => Object.entries(compose.services).filter(([, { build }]) => build);

test("has a block for every service and no other, and one more node of inventory on demand", () => {
  const always = nodes().filter(([, { profiles }]) => !profiles);
  expect(always.map(([name]) => name).toSorted()).toEqual(findServices().toSorted());
  for (const [name, { build }] of always) expect(build?.args.SERVICE).toBe(name);
  const onDemand = nodes().filter(([, { profiles }]) => profiles?.includes("scale"));
  expect(onDemand.map(([, { build }]) => build?.args.SERVICE)).toEqual(["inventory"]);
});

test("names only blocks, networks, volumes and files that are there", async () => {
  for (const { depends_on, networks, volumes, build } of Object.values(compose.services)) {
    for (const name of Object.keys(depends_on)) expect(compose.services[name]?.healthcheck).toBeDefined();
    for (const name of networks) expect(compose.networks).toHaveProperty(name);
    for (const volume of volumes) expect(compose.volumes).toHaveProperty(volume.split(":")[0]!);
    if (build) await access(join(ROOT, "docker", build.context, build.dockerfile));
  }
});

test("only the gateway is published, and what keeps data reaches nothing outside", () => {
  expect(Object.entries(compose.services).flatMap(([name, { ports }]) => (ports ? [name] : []))).toEqual(["gateway"]);
  expect(compose.networks.inside?.internal).toBe(true);
  for (const name of ["redis", "postgres"]) expect(compose.services[name]?.networks).toEqual(["inside"]);
});

test("no secret has a default, and each goes only to those who need it", async () => {
  const example = await text(".env.example");
  const given = new Map([...example.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name!, value!]));
  const used = [...yaml.matchAll(/\$\{([A-Z_]+)(:[?-])([^}]*)\}/g)].map(([, name, how, rest]) => ({ name: name!, how, rest }));
  expect([...yaml.matchAll(/(?<!\$)\$\{/g)]).toHaveLength(used.length);
  expect([...given.keys()].toSorted()).toEqual([...new Set(used.map(({ name }) => name))].toSorted());
  const needed = used.filter(({ how }) => how === ":?");
  expect([...new Set(needed.map(({ name }) => name))].toSorted()).toEqual([
    "ADMIN_KEY",
    "BUS_KEY",
    "POSTGRES_PASSWORD",
    "REDIS_PASSWORD",
    "SHOP_SECRET",
  ]);
  for (const { name } of needed) expect(given.get(name)).toBe("");
  for (const { name, rest } of used.filter(({ how }) => how === ":-")) {
    const isSecret = describeConfig({}).some((setting) => setting.name === name && setting.isSecret);
    if (isSecret) expect(rest).toBe("");
  }
  const holders = (secret: string) => nodes().flatMap(([name, { environment }]) => (secret in environment ? [name] : []));
  expect(holders("ADMIN_KEY")).toEqual(["gateway"]);
  expect(holders("SHOP_SECRET")).toEqual(["customers", "orders", "payments"]);
  expect(holders("SMTP_URL")).toEqual(["notifications"]);
  expect(holders("STRIPE_SECRET_KEY")).toEqual(["payments"]);
  expect(holders("STRIPE_WEBHOOK_SECRET")).toEqual(["payments"]);
});

test("nodes are given settings that exist, and a database exactly where they have tables", async () => {
  const known = new Set(describeConfig({}).map(({ name }) => name));
  for (const [, { environment, build }] of nodes()) {
    for (const name of Object.keys(environment)) expect(known).toContain(name);
    const tables = await access(join(ROOT, "services", build!.args.SERVICE, "migrations")).then(
      () => true,
      () => false,
    );
    expect("DATABASE_URL" in environment).toBe(tables);
  }
});

test("the Redis of the block starts and asks for its password", async () => {
  const folder = await mkdtemp(join(tmpdir(), "brickwork-docker-"));
  const script = compose.services.redis!.command!.at(-1)!.replaceAll("$$", "$");
  const env = { PATH: process.env.PATH ?? "", REDISCLI_AUTH: "secret" };
  const elsewhere = script.replace("requirepass", "port 0\nunixsocket ./redis.sock\nrequirepass");
  const server = spawn("sh", ["-c", elsewhere], { env, cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  const ask = async (more: object, ...words: string[]) =>
    (await run("redis-cli", ["-s", "./redis.sock", ...words], { env: { ...env, ...more }, cwd: folder })).stdout.trim();
  try {
    await eventually(async () => expect(await ask({}, "ping")).toBe("PONG"));
    expect(await ask({ REDISCLI_AUTH: "" }, "ping")).toContain("NOAUTH");
    expect(await ask({}, "config", "get", "maxmemory-policy")).toContain("allkeys-lru");
  } finally {
    server.kill();
    await once(server, "exit");
    await rm(folder, { recursive: true });
  }
});

const hasCompose = spawnSync("docker", ["compose", "version"]).status === 0;
// Most machines have no Compose; what it would read is checked above without it, and no test is counted that did not run.
const composing = hasCompose ? test : () => {};
composing("Docker Compose understands it, and refuses to start without secrets", async () => {
  const config = (env: Record<string, string>) =>
    run("docker", ["compose", "-f", join(ROOT, "docker/compose.yaml"), "config", "--quiet"], {
      env: { PATH: process.env.PATH ?? "", ...env },
    });
  await expect(config({})).rejects.toMatchObject({ stderr: expect.stringContaining("in docker/.env") });
  const names = ["ADMIN_KEY", "BUS_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "SHOP_SECRET"];
  await config(Object.fromEntries(names.map((name) => [name, "secret"])));
});
