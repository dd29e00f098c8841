import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, get } from "node:http";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { openLoad } from "../test/support/load.ts";
import { holdAddress } from "./listening.ts";

const PROGRAM = join(import.meta.dirname, "swap.fixture.ts");
const SWAPS = 20;
const PER_SECOND = 200;

async function startGateway(fd: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, [PROGRAM], { stdio: ["ignore", "pipe", "inherit", fd] });
  await once(child.stdout!, "data");
  return child;
}

async function drain(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

const ask = (url: string, agent: Agent): Promise<string> =>
  new Promise((resolve, reject) => {
    get(url, { agent }, (res) => {
      res.setEncoding("utf8").once("data", resolve).once("error", reject);
    }).once("error", reject);
  });

test.each([
  ["new connections", () => new Agent({ keepAlive: false })],
  ["kept connections", () => new Agent({ keepAlive: true, maxSockets: 20, scheduling: "fifo" })],
])(
  "a gateway takes over from another one 20 times without a refused or reset connection: %s",
  async (_, agentOf) => {
    const held = await holdAddress("127.0.0.1", 0);
    let gateway = await startGateway(held.fd);
    const agent = agentOf();
    const load = openLoad(PER_SECOND, () => ask(held.url, agent));
    for (let swap = 0; swap < SWAPS; swap++) {
      const next = await startGateway(held.fd);
      await drain(gateway);
      gateway = next;
    }
    const { answers, errors } = await load.end();
    agent.destroy();
    await drain(gateway);
    held.close();
    expect(errors).toEqual([]);
    expect(new Set(answers).size).toBeGreaterThanOrEqual(SWAPS);
    expect(answers.length).toBeGreaterThan(SWAPS * 20);
  },
  60_000,
);

test("while no gateway runs connections wait for the next one", async () => {
  const held = await holdAddress("127.0.0.1", 0);
  const first = await startGateway(held.fd);
  first.kill("SIGKILL");
  await once(first, "exit");
  const agent = new Agent({ keepAlive: false });
  const waiting = ask(held.url, agent);
  const second = await startGateway(held.fd);
  expect(await waiting).toBe(String(second.pid));
  await drain(second);
  held.close();
});

test("an address that is taken is refused in one line", async () => {
  const held = await holdAddress("127.0.0.1", 0);
  const port = Number(new URL(held.url).port);
  const gateway = await startGateway(held.fd);
  await expect(holdAddress("127.0.0.1", port)).rejects.toThrow(`Port ${port} is taken`);
  await drain(gateway);
  held.close();
});
