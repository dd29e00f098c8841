import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { Command, Option } from "commander";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { nodeViews } from "../cluster/node-views.ts";
import { stopSignal } from "../cluster/stop-signal.ts";
import { type Config, readConfig } from "../lib/config.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { dataOption, jsonOption, portOption } from "./options.ts";
import { nodeTable } from "./ps.ts";
import { announceReady, shopReady } from "./ready.ts";
import { removeRunFile, writeRunFile } from "./run-file.ts";
import { Screen } from "./screen.ts";
import { parseScale } from "./steer.ts";

interface Options {
  readonly port?: number;
  readonly data: string;
  readonly seed?: Config["seed"];
  readonly scale?: Record<string, number>;
  readonly detach?: boolean;
  readonly json?: boolean;
}

const collect = (text: string, before: Record<string, number> = {}): Record<string, number> => {
  const { service, count } = parseScale(text);
  return { ...before, [service]: count };
};

/** `brickwork up`: every service in a process of its own. */
export const upCommand = () =>
  new Command("up")
    .description("run every service in a process of its own, over Redis, and look after them")
    .addOption(portOption())
    .addOption(dataOption())
    .addOption(new Option("--scale <service=n>", "how many nodes of a service; may be repeated").argParser(collect))
    .addOption(new Option("--seed <what>", "what a new shop starts with").choices(["demo", "empty"]))
    .option("--detach", "return when the shop is ready, and let it run on")
    .addOption(jsonOption())
    .action((options: Options) => (options.detach ? detach(options) : up(options)));

async function up({ json = false, scale = {}, ...given }: Options): Promise<void> {
  const began = performance.now();
  const config = readConfig(given);
  const stop = stopSignal();
  const screen = new Screen(json ? undefined : process.stdout);
  const say = (line: string): void => screen.say(`brickwork: ${line}`);
  process.title = "brickwork supervisor";
  const cluster = await openCluster({ config, environment: process.env, scale, say, onStop: stop.ask });
  const lost = cluster.lost.then(() => "lost" as const);
  try {
    const { url, adminKeyPath, pid } = cluster.holdings;
    await writeRunFile(config.data, { pid, url });
    if (cluster.isAdopted) say(`took over ${cluster.fleet.all().length} running nodes`);
    await Promise.race([cluster.settle().then(() => shopReady(url, stop.signal)), stop.asked, lost]);
    if (!stop.signal.aborted) announceReady({ url, adminKeyPath, seconds: (performance.now() - began) / 1_000, json });
    screen.keep(async () => nodeTable(await nodeViews(cluster.broker, cluster.fleet.all())));
    await Promise.race([stop.asked, lost]);
  } finally {
    screen.close();
    await end(cluster, lost, say);
    await removeRunFile(config.data);
  }
}

async function end(cluster: Cluster, lost: Promise<"lost">, say: (line: string) => void): Promise<void> {
  const outcome = await Promise.race([lost, Promise.resolve("here")]);
  if (outcome === "lost") {
    process.exitCode = 1;
    process.stderr.write("brickwork: The keeper of the processes has died, and the shop with it: run `brickwork up` again.\n");
    return void setTimeout(() => process.exit(), 1_000).unref();
  }
  say("stopping in order");
  await cluster.stop();
}

/** Starts a supervisor that outlives this process, and waits until the shop is ready. */
async function detach({ data, port, seed, scale = {}, json = false }: Options): Promise<void> {
  const logs = join(resolve(data), "logs");
  await mkdir(logs, { recursive: true, mode: 0o700 });
  const path = join(logs, "supervisor.log");
  const log = await open(path, "w", 0o600);
  const wishes = Object.entries(scale).flatMap(([service, count]) => ["--scale", `${service}=${count}`]);
  const more = [...(port === undefined ? [] : ["--port", String(port)]), ...(seed ? ["--seed", seed] : []), ...wishes];
  const child = spawn(process.execPath, [process.argv[1]!, "up", "--json", "--data", data, ...more], {
    detached: true,
    stdio: ["ignore", "pipe", log.fd],
  });
  await once(child, "spawn");
  await log.close();
  const ready = await firstLine(child.stdout!);
  if (ready === undefined) throw new OperatorError(reasonIn(await readFile(path, "utf8")));
  child.unref();
  child.stdout!.destroy();
  const { url, adminKeyPath = null, seconds } = JSON.parse(ready) as { url: string; adminKeyPath?: string; seconds: number };
  if (json) return void process.stdout.write(`${ready}\n`);
  announceReady({ url, adminKeyPath, seconds, json });
  process.stdout.write(`It goes on. \`npx brickwork stop --data ${data}\` ends it.\n`);
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string | undefined> {
  for await (const line of createInterface({ input: stream })) return line;
  return undefined;
}

const reasonIn = (log: string): string =>
  log.trim().split("\n").at(-1)?.replace(/^brickwork: /, "") ?? "The supervisor died while it started."; // prettier-ignore
