import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { brickwork, nodesOf, run, SHAPES, type Shop, startShop } from "../test/support/shop.ts";

const COMMANDS = [
  "start", "up", "ps", "logs", "stop", "kill", "scale", "release", "deploy", "rollback", "node", "env", "repl", "call", "import",
  "export", "feeds", "parked", "redrive", "sagas", "rebuild", "provision", "doctor",
]; // prettier-ignore

let empty: string;
beforeAll(async () => {
  empty = await mkdtemp(join(tmpdir(), "brickwork-commands-"));
});
afterAll(() => rm(empty, { recursive: true, force: true }));

test("every command explains itself and takes --json and --data", async () => {
  const { stdout } = await brickwork("--help");
  for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
  const helps = await Promise.all(COMMANDS.map((command) => brickwork(command, "--help")));
  for (const { code, stdout: help } of helps) {
    expect(code).toBe(0);
    expect(help).toContain("--json");
    expect(help).toContain("--data");
  }
}, 60_000);

test.each([
  ["ps"],
  ["stop"],
  ["call", "catalog.findProducts"],
  ["feeds"],
  ["scale", "inventory=2"],
  ["deploy", "--changed"],
  ["repl"],
])("%s says in one line that no shop runs there", async (...args) => {
  const { code, stderr } = await brickwork(...args, "--data", empty);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^brickwork: No shop is running on .*\n$/);
});

test("up says in one line how to get a Redis where there is none", async () => {
  const env = { ...process.env, PATH: dirname(process.execPath), REDIS_URL: "", DATABASE_URL: "" };
  const { code, stderr } = await run(["up", "--data", join(empty, "shop"), "--port", "0"], { env });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^brickwork: There is no Redis: .*REDIS_URL.*\n$/);
});

test("a node says in one line what it needs, and which services there are", async () => {
  const bare = { PATH: process.env.PATH };
  expect(await run(["node", "inventory"], { env: bare })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^brickwork: A node of inventory needs REDIS_URL, DATABASE_URL and BUS_KEY: `npx brickwork env inventory` prints .*\n$/,
    ),
  });
  expect((await run(["node", "nonsense"], { env: bare })).stderr).toMatch(/^brickwork: There is no service "nonsense"\. .*\n$/);
});

test.each([[["call", "a.b", "{"]], [["scale", "inventory"]], [["deploy"]], [["up", "--scale", "inventory"]]])(
  "%j is refused",
  async (args) => {
    const { code, stdout } = await brickwork(...args, "--data", empty);
    expect(code).not.toBe(0);
    expect(stdout).toBe("");
  },
);

describe.each(SHAPES)("%s", (shape) => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop({ shape, seed: "empty" });
  }, 120_000);
  afterAll(async () => shop[Symbol.asyncDispose](), 120_000);

  test("ps shows every service once, and ready", async () => {
    const nodes = await nodesOf(shop.data);
    const services = nodes.flatMap((node) => node.services);
    expect(new Set(services).size).toBe(services.length);
    expect(services).toEqual(expect.arrayContaining(["catalog", "gateway", "inventory", "orders"]));
    expect(nodes.map(({ ready }) => ready)).toEqual(nodes.map(() => true));
  });

  test("call answers, and passes on what a service refuses", async () => {
    const found = await brickwork("call", "catalog.findProducts", '{"q":"brick"}', "--json", "--data", shop.data);
    expect(JSON.parse(found.stdout)).toMatchObject({ data: [], meta: { total: 0 } });
    const refused = await brickwork("call", "catalog.getProduct", '{"idOrHandle":"nothing"}', "--data", shop.data);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^brickwork: .*\n$/);
    const unknown = await brickwork("call", "catalog.nonsense", "--data", shop.data);
    expect(unknown.stderr).toMatch(/^brickwork: There is no action catalog.nonsense. Those of catalog are .*catalog.getProduct/);
  });

  test("the durable side can be seen", async () => {
    const feeds = await brickwork("feeds", "--json", "--data", shop.data);
    const parsed = JSON.parse(feeds.stdout) as { data: { service: string; feed: string; state: string }[] };
    expect(parsed.data).toContainEqual(expect.objectContaining({ service: "catalog", feed: "inventory", state: "reading" }));
    expect((await brickwork("parked", "--data", shop.data)).stdout).toBe("No event is parked.\n");
    expect((await brickwork("sagas", "--data", shop.data)).stdout).toBe("There are no such sagas.\n");
    expect((await brickwork("redrive", "evt_nothing", "--data", shop.data)).code).toBe(1);
    expect((await brickwork("rebuild", "catalog", "--data", shop.data)).stderr).toMatch(/catalog is no read model/);
  });

  test("the Moleculer REPL is a node of the running system", async () => {
    const input = `nodes\nservices\ncall catalog.findProducts '{"q":"brick"}'\nbench --num 20 catalog.findProducts '{"q":"brick"}'\n`;
    const { code, stdout } = await run(["repl", "--data", shop.data], { input });
    expect(code).toBe(0);
    expect(stdout).toMatch(/repl-[0-9a-f]{8} \(\*\)/);
    expect(stdout).toMatch(/inventory\s+│/);
    expect(stdout).toContain("data: []");
    expect(stdout).toMatch(/20 requests in .*, 0 error/);
  });

  test("env prints what one more node needs, where there can be one", async () => {
    const { code, stdout, stderr } = await brickwork("env", "catalog", "--data", shop.data);
    if (shape === "split") return void expect([code, stdout]).toEqual([0, expect.stringContaining("export BUS_KEY='")]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^brickwork: This shop runs in one process, and no node can join it: .*\n$/);
  });

  test("stop ends it", async () => {
    expect(await brickwork("stop", "--data", shop.data)).toMatchObject({ code: 0, stdout: "Everything has stopped.\n" });
    expect((await brickwork("ps", "--data", shop.data)).code).toBe(1);
  });
});
