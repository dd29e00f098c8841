import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { access, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv, promisify } from "node:util";
import { beforeAll, expect, test } from "@jest/globals";
import { z } from "zod";
import { describeConfig } from "../lib/config.ts";
import { findServices } from "../lib/node.ts";
import { eventually } from "./support/eventually.ts";

const ROOT = join(import.meta.dirname, "..");
const run = promisify(execFile);
const text = (name: string) => readFile(join(ROOT, "docker", name), "utf8");

const Health = z.union([
  z.strictObject({ disable: z.literal(true) }),
  z.strictObject({
    test: z.array(z.string()),
    interval: z.string(),
    timeout: z.string(),
    start_interval: z.string(),
    start_period: z.string(),
  }),
]);

const Condition = z.enum(["service_healthy", "service_completed_successfully"]);

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
  depends_on: z.record(z.string(), z.strictObject({ condition: Condition })).default({}),
  healthcheck: Health.optional(),
  restart: z.enum(["unless-stopped", "no"]),
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

const keepsData = (service: string) => existsSync(join(ROOT, "services", service, "migrations"));
const OWNERS = findServices().filter(keepsData).map((service) => service.toUpperCase()); // prettier-ignore
const SECRETS = ["ADMIN_KEY", "BUS_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "SHOP_SECRET"].concat(
  OWNERS.map((service) => `${service}_DATABASE_PASSWORD`),
);

let compose: z.output<typeof Compose>;
let yaml: string;
beforeAll(async () => {
  yaml = await text("compose.yaml");
  compose = Compose.parse(load(yaml));
});

/** The blocks that run a service: those of our image that keep its start command. */
const nodes = () => Object.entries(compose.services).filter(([, { build, command }]) => build && !command);
const databaseOf = (service: string) => `${service.toUpperCase()}_DATABASE_URL`;

test("has a block for every service and no other, and one more node of inventory on demand", () => {
  const always = nodes().filter(([, { profiles }]) => !profiles);
  expect(always.map(([name]) => name).toSorted()).toEqual(findServices().toSorted());
  for (const [name, { build }] of always) expect(build?.args.SERVICE).toBe(name);
  const onDemand = nodes().filter(([, { profiles }]) => profiles?.includes("scale"));
  expect(onDemand.map(([, { build }]) => build?.args.SERVICE)).toEqual(["inventory"]);
});

test("names only blocks, networks, volumes and files that are there", async () => {
  for (const { depends_on, networks, volumes, build } of Object.values(compose.services)) {
    for (const [name, { condition }] of Object.entries(depends_on)) {
      const { healthcheck, restart } = compose.services[name]!;
      // Whoever waits for the end of a block that is started again waits for ever.
      if (condition === "service_completed_successfully") expect(restart).toBe("no");
      else expect(healthcheck).toHaveProperty("test");
    }
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
  expect(new Set(needed.map(({ name }) => name))).toEqual(new Set(SECRETS));
  for (const { name } of needed) expect(given.get(name)).toBe("");
  for (const { name, rest } of used.filter(({ how }) => how === ":-")) {
    const isSecret = describeConfig({}).some((setting) => setting.name === name && setting.isSecret);
    if (isSecret) expect(rest).toBe("");
  }
  const holders = (secret: string) => nodes().flatMap(([name, { environment }]) => (secret in environment ? [name] : []));
  expect(holders("ADMIN_KEY")).toEqual(["gateway"]);
  expect(holders("SHOP_SECRET")).toEqual(["customers", "notifications", "operations", "orders", "payments"]);
  expect(holders("SMTP_URL")).toEqual(["notifications"]);
  expect(holders("STRIPE_SECRET_KEY")).toEqual(["payments"]);
  expect(holders("STRIPE_WEBHOOK_SECRET")).toEqual(["payments"]);
});

test("nodes are given settings that exist, and their own database exactly where they have tables", () => {
  const known = new Set(describeConfig({}).map(({ name }) => name));
  for (const [, { environment, build, depends_on }] of nodes()) {
    const { SERVICE } = build!.args;
    const names = Object.keys(environment);
    const databases = names.filter((name) => name.endsWith("DATABASE_URL"));
    expect(databases).toEqual(keepsData(SERVICE) ? [databaseOf(SERVICE)] : []);
    for (const name of names) if (!databases.includes(name)) expect(known).toContain(name);
    expect(depends_on.provision).toEqual({ condition: "service_completed_successfully" });
  }
});

test("the superuser's password is known to PostgreSQL and to what makes the databases, and to nobody else", () => {
  const holders = Object.entries(compose.services).filter(([, block]) => JSON.stringify(block).includes("POSTGRES_PASSWORD"));
  expect(holders.map(([name]) => name)).toEqual(["provision", "postgres"]);
  const { environment } = compose.services.provision!;
  const databases = findServices().filter(keepsData).map(databaseOf); // prettier-ignore
  expect(Object.keys(environment).toSorted()).toEqual([...databases, "DATABASE_URL", "LOG_FORMAT"].toSorted());
});

test("make-env fills in a secret of its own for everything that needs one, and nothing else", async () => {
  const { stdout } = await run("sh", [join(ROOT, "docker/make-env.sh")]);
  const values = parseEnv(stdout);
  const example = parseEnv(await text(".env.example"));
  expect(Object.keys(values)).toEqual(Object.keys(example));
  const made = Object.entries(values).filter(([name, value]) => value !== example[name]);
  expect(made.map(([name]) => name).toSorted()).toEqual(SECRETS.toSorted());
  for (const [, value] of made) expect(value).toMatch(/^[0-9a-f]{64}$/);
  expect(new Set(made.map(([, value]) => value)).size).toBe(made.length);
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
  await config(Object.fromEntries(SECRETS.map((name) => [name, "secret"])));
});
