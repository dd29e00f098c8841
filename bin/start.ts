import { setTimeout as sleep } from "node:timers/promises";
import { Command, Option } from "commander";
import { type Config, readConfig } from "../lib/config.ts";
import { type Environment, openEnvironment } from "../lib/environment.ts";
import { findServices, type Node, startNode } from "../lib/node.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { brokerOptions } from "../moleculer.config.ts";
import { gatewayUrl } from "../services/gateway/address.ts";
import { dataOption, jsonOption, portOption } from "./options.ts";
import { removeRunFile, writeRunFile } from "./run-file.ts";

interface Options {
  readonly port?: number;
  readonly data: string;
  readonly seed?: Config["seed"];
  readonly json?: boolean;
}

/** `brickwork start`: the whole shop in this process. */
export const startCommand = () =>
  new Command("start")
    .description("run the whole shop in one process, with its own database")
    .addOption(portOption())
    .addOption(dataOption())
    .addOption(new Option("--seed <what>", "what a new shop starts with").choices(["demo", "empty"]))
    .addOption(jsonOption())
    .action(start);

async function start({ json = false, ...given }: Options): Promise<void> {
  const began = performance.now();
  const config = readConfig(given);
  const stop = stopSignal();
  const environment = await openEnvironment(config, (line) => process.stderr.write(`brickwork: ${line}\n`));
  let node: Node | undefined;
  try {
    node = await startNode({ environment, broker: brokerOptions(config), services: findServices() });
    const url = gatewayUrl(node.broker) ?? "";
    await writeRunFile(config.data, { pid: process.pid, url });
    await ready(url, stop.signal);
    if (!stop.signal.aborted) announceReady({ url, environment, seconds: (performance.now() - began) / 1_000, json });
    await stop.asked;
  } finally {
    await removeRunFile(config.data);
    await node?.stop();
    await environment.close();
  }
}

interface Stop {
  readonly signal: AbortSignal;
  readonly asked: Promise<void>;
}

/** The first Ctrl-C or SIGTERM asks for an orderly stop, the second one ends the process at once. */
function stopSignal(): Stop {
  const controller = new AbortController();
  const asked = new Promise<void>((resolve) => {
    for (const name of ["SIGINT", "SIGTERM"] as const) {
      process.on(name, () => {
        if (controller.signal.aborted) process.exit(130);
        controller.abort();
        resolve();
      });
    }
  });
  return { signal: controller.signal, asked };
}

const READY_WITHIN = 120_000;
const POLL = 50;

async function ready(url: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + READY_WITHIN;
  for (let reason = ""; !signal.aborted; await sleep(POLL)) {
    const response = await fetch(`${url}/health/ready`);
    if (response.ok) return;
    reason = await response.text();
    if (performance.now() > deadline) throw new OperatorError(`The shop does not get ready: ${reason}`);
  }
}

interface Readiness {
  readonly url: string;
  readonly environment: Environment;
  readonly seconds: number;
  readonly json: boolean;
}

function announceReady({ url, environment, seconds, json }: Readiness): void {
  const { adminKeyPath } = environment;
  if (json)
    return void process.stdout.write(`${JSON.stringify({ ready: true, url, pid: process.pid, adminKeyPath, seconds })}\n`);
  const lines = [
    `Brickwork is ready after ${seconds.toFixed(1)} s.`,
    ``,
    `  Shop        ${url}/store/v1/products`,
    `  API         ${url}/docs`,
    `  Admin key   ${adminKeyPath ?? "as given in ADMIN_KEY"}`,
    ``,
    `Ctrl-C stops it.`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}
