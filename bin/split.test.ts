import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import postgres from "postgres";
import { copiedCheckout } from "../test/support/copied-checkout.ts";
import { eventually } from "../test/support/eventually.ts";
import { brickwork, nodesOf, run, type Shop, startShop } from "../test/support/shop.ts";
import { type Shopper, shopper } from "../test/support/shopper.ts";

const ROOT = join(import.meta.dirname, "..");
const PROGRAM = join(ROOT, "bin/brickwork.ts");

let checkout: Awaited<ReturnType<typeof copiedCheckout>>;
let shop: Shop;
let ada: Shopper;
beforeAll(async () => {
  checkout = await copiedCheckout();
  // Nothing lists services, so this adds one.
  await cp(join(ROOT, "test/tally"), join(checkout.path, "services/tally"), { recursive: true });
  shop = await startShop({ shape: "split", root: checkout.path });
  ada = shopper(shop);
}, 120_000);
afterAll(async () => {
  await shop[Symbol.asyncDispose]();
  await checkout[Symbol.asyncDispose]();
}, 120_000);

async function buy(quantity: number): Promise<string> {
  const { id } = await ada.inStock(quantity);
  const cart = await ada.fullCart(id, quantity);
  const { status, body } = await ada.checkout(cart.id);
  expect(status).toBe(201);
  return body.id;
}

const tally = async () => {
  const { stdout } = await brickwork("call", "tally.getTally", "--json", "--data", shop.data);
  return JSON.parse(stdout) as { orders: number; units: number };
};

/** Runs SQL in the database of the tally. */
async function inTally(work: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
  const { stdout } = await brickwork("env", "tally", "--json", "--data", shop.data);
  const sql = postgres((JSON.parse(stdout) as { TALLY_DATABASE_URL: string }).TALLY_DATABASE_URL, { max: 1 });
  await work(sql);
  await sql.end();
}

test("a read model is emptied and filled again from the feeds", async () => {
  await buy(2);
  await buy(3);
  await eventually(async () => expect(await tally()).toEqual({ orders: 2, units: 5 }));
  await inTally((sql) => sql`update tally set units = 77`);
  expect((await tally()).units).toBe(154);
  const { code, stdout } = await brickwork("rebuild", "tally", "--data", shop.data);
  expect([code, stdout]).toEqual([0, "tally is rebuilt from the feeds. `brickwork feeds` shows how far it is.\n"]);
  await eventually(async () => expect(await tally()).toEqual({ orders: 2, units: 5 }));
  const feeds = await brickwork("feeds", "--data", shop.data);
  expect(feeds.stdout).toMatch(/^tally +orders +\d+ +0 .* reading$/m);
}, 180_000);

test("an event that cannot be handled is parked with its reason, and handled when it is redriven", async () => {
  await inTally((sql) => sql`alter table tally add constraint few check (units < 5)`);
  const orderId = await buy(6);
  const held = async () => {
    const { stdout } = await brickwork("feeds", "--json", "--data", shop.data);
    const { data } = JSON.parse(stdout) as { data: { service: string; retrying: number }[] };
    return data.find(({ service }) => service === "tally")!.retrying;
  };
  await eventually(async () => expect(await held()).toBe(1));
  // As if its last try had failed, which takes minutes.
  await inTally((sql) => sql`update kernel.held_event set status = 'parked'`);

  const { stdout } = await brickwork("parked", "--data", shop.data);
  const [, id = ""] = /^(\S+) +tally +orders\.confirmed +\d+ .*violates check constraint "few"$/m.exec(stdout) ?? [];
  const { stdout: json } = await brickwork("parked", "--json", "--data", shop.data);
  expect(JSON.parse(json)).toMatchObject({ data: [{ id, service: "tally", key: orderId, payload: { orderId } }], degraded: [] });
  expect((await tally()).orders).toBe(2);

  await inTally((sql) => sql`alter table tally drop constraint few`);
  const redriven = await brickwork("redrive", id, "--data", shop.data);
  expect([redriven.code, redriven.stdout]).toEqual([0, `tally handles ${id} again.\n`]);
  await eventually(async () => expect(await tally()).toEqual({ orders: 3, units: 11 }));
  expect((await brickwork("parked", "--data", shop.data)).stdout).toBe("No event is parked.\n");
  expect((await brickwork("redrive", id, "--data", shop.data)).code).toBe(1);
}, 180_000);

/** What a command prints, until it is stopped. */
function following(...args: string[]): { text: () => string; stop: () => Promise<number | null> } {
  const child = spawn(process.execPath, [PROGRAM, ...args, "--data", shop.data], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const out: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => out.push(text));
  return {
    text: () => out.join(""),
    async stop() {
      const ended = once(child, "close");
      child.kill("SIGINT");
      await ended;
      return child.exitCode;
    },
  };
}

test("logs shows what a service or all have said, and follows what comes", async () => {
  const one = await brickwork("logs", "tally", "--data", shop.data);
  expect(one.stdout).toMatch(/"ready":true,"nodeId":"tally-[0-9a-f]{8}"/);
  expect(one.stdout).not.toMatch(/^\w+ +\| /m);
  const all = await brickwork("logs", "-n", "1", "--data", shop.data);
  const prefixes = all.stdout.trim().split("\n").map((line) => /^(\S+) +\| /.exec(line)?.[1]); // prettier-ignore
  expect(prefixes).toEqual(expect.arrayContaining(["catalog", "gateway", "tally"]));
  expect(new Set(prefixes).size).toBe(prefixes.length);
  const json = await brickwork("logs", "tally", "--json", "--data", shop.data);
  expect(JSON.parse(json.stdout.split("\n")[0]!)).toEqual({ service: "tally", line: expect.any(String) });

  const follower = following("logs", "tally", "-f", "-n", "0");
  const everything = following("logs", "--follow", "-n", "0");
  const { nodeId } = (await nodesOf(shop.data)).find(({ services }) => services.includes("tally"))!;
  expect((await brickwork("kill", nodeId, "--data", shop.data)).code).toBe(0);
  await eventually(() => expect(follower.text()).toMatch(/^\{"ready":true,"nodeId":"tally-/m));
  await eventually(() => expect(everything.text()).toMatch(/^tally +\| \{"ready":true,/m));
  expect(follower.text()).not.toContain(nodeId);
  expect(await Promise.all([follower.stop(), everything.stop()])).toEqual([0, 0]);
}, 180_000);

test("logs ends when nobody reads it any more, and says what it does not have", async () => {
  const script = `'${process.execPath}' '${PROGRAM}' logs -f --data '${shop.data}' | head -n 1`;
  const { status, stdout, stderr } = spawnSync("sh", ["-c", script], { encoding: "utf8", timeout: 30_000 });
  expect([status, stdout.trim().split("\n").length, stderr]).toEqual([0, 1, ""]);
  const unknown = await brickwork("logs", "nonsense", "--data", shop.data);
  expect(unknown.stderr).toMatch(/^brickwork: There is no log of nonsense in .*\. There are logs of .*, tally\.\n$/);
  expect((await brickwork("logs", "-n", "few", "--data", shop.data)).code).toBe(1);
  const nowhere = await brickwork("logs", "--data", checkout.path);
  expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringMatching(/^brickwork: There are no logs in .*\n$/) });
}, 180_000);

// `script` of util-linux gives a program a terminal; other systems' takes other words, and no test is counted that did not run.
const hasTerminals = /util-linux/.test(spawnSync("script", ["--version"], { encoding: "utf8" }).stdout ?? "");
const onTerminals = hasTerminals ? test : () => {};

function terminal(data: string, size: string): ChildProcess {
  const command = `stty ${size}; exec '${process.execPath}' '${PROGRAM}' up --port 0 --seed empty --data '${data}'`;
  const env = { ...process.env, DATABASE_URL: "", REDIS_URL: "", SHELL: "/bin/sh", TERM: "xterm" };
  return spawn("script", ["-qec", command, "/dev/null"], { cwd: ROOT, env, stdio: ["pipe", "pipe", "inherit"] });
}

onTerminals(
  "on a terminal up shows a table that lives, and Ctrl-C stops everything in order",
  async () => {
    const data = await mkdtemp(join(tmpdir(), "brickwork-terminal-"));
    const child = terminal(data, "cols 60 rows 12");
    const out: string[] = [];
    child.stdout!.setEncoding("utf8").on("data", (text: string) => out.push(text));
    // Each table begins by erasing the one before.
    const frames = () => out.join("").split("\u001b[0J").map(stripVTControlCharacters); // prettier-ignore
    await eventually(() => expect(frames().length).toBeGreaterThan(2), 90_000);
    const lines = frames().at(-2)!.trim().split("\r\n"); // prettier-ignore
    expect(lines[0]).toMatch(/^NODE +SERVICES +VERSION/);
    expect(lines[1]).toMatch(/^carts-[0-9a-f]{8} +carts /);
    expect(lines.at(-3)).toMatch(/^… and \d more$/);
    expect(lines.at(-1)).toBe("Ctrl-C stops everything.");
    expect(lines.length).toBeLessThanOrEqual(11);
    for (const line of lines) expect(line.length).toBeLessThan(60);

    const [victim] = await nodesOf(data);
    expect((await brickwork("kill", victim!.nodeId, "--data", data)).code).toBe(0);
    await eventually(() => expect(out.join("")).toMatch(/brickwork: carts-\w+ was killed by SIGKILL; a new one starts now/));
    await eventually(() => {
      expect(frames().at(-1)).toMatch(/^\s*NODE[^]*carts-/);
      expect(frames().at(-1)).not.toContain(victim!.nodeId);
    });

    const ended = once(child, "close");
    child.stdin!.write("\u0003");
    await ended;
    expect(child.exitCode).toBe(0);
    expect(out.join("")).toContain("brickwork: stopping in order");
    expect((await run(["ps", "--data", data])).stderr).toMatch(/No shop is running/);
    await rm(data, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  },
  180_000,
);
