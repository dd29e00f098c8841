import { Command, Option } from "commander";
import { openControl } from "../cluster/control.ts";
import { soloService } from "../cluster/solo-service.ts";
import { stopSignal } from "../cluster/stop-signal.ts";
import type { Door } from "../cluster/wire.ts";
import { type Config, readConfig } from "../lib/config.ts";
import { openEnvironment } from "../lib/environment.ts";
import { findServices, type Node, startNode } from "../lib/node.ts";
import { brokerOptions } from "../moleculer.config.ts";
import { gatewayUrl } from "../services/gateway/address.ts";
import { dataOption, jsonOption, portOption } from "./options.ts";
import { announceReady, shopReady } from "./ready.ts";
import { removeRunFile, writeRunFile } from "./run-file.ts";
import { print, tell } from "./running.ts";

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
  const environment = await openEnvironment(config, tell);
  let node: Node | undefined;
  let control: Door | undefined;
  try {
    const schemas = [soloService({ broker: () => node!.broker, stopAll: stop.ask })];
    node = await startNode({ environment, broker: brokerOptions(config), services: findServices(), schemas });
    const url = gatewayUrl(node.broker) ?? "";
    control = await openControl(config.data, node.broker);
    await writeRunFile(config.data, { pid: process.pid, url });
    await shopReady(url, stop.signal);
    const seconds = (performance.now() - began) / 1_000;
    if (!stop.signal.aborted) announceReady({ url, adminKeyPath: environment.adminKeyPath ?? null, seconds, json });
    if (!stop.signal.aborted && !json) print("Ctrl-C stops it.");
    await stop.asked;
  } finally {
    await control?.close();
    await node?.stop();
    await environment.close();
    await removeRunFile(config.data);
  }
}
