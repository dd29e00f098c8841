import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Command, InvalidArgumentError } from "commander";
import * as supervisor from "../cluster/contract.ts";
import { findKeeper } from "../cluster/keeper-client.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { dataOption, jsonOption } from "./options.ts";
import { isRunning, removeRunFile } from "./run-file.ts";
import { callOnce, print, printJson, tell } from "./running.ts";

interface Options {
  readonly data: string;
  readonly json?: boolean;
}

/** One wish such as `inventory=3`. */
export function parseScale(text: string): { service: string; count: number } {
  const [, service = "", count = ""] = /^([a-z][a-z0-9-]*)=(\d{1,2})$/.exec(text) ?? [];
  if (service === "") throw new InvalidArgumentError("It is not <service>=<number>, such as inventory=3.");
  return { service, count: Number(count) };
}

/** `brickwork scale`: more or fewer nodes of one service. */
export const scaleCommand = () =>
  new Command("scale")
    .description("run more or fewer nodes of one service")
    .argument("<service=n>", "the service and how many nodes of it", parseScale)
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (wish: { service: string; count: number }, { data, json }: Options) => {
      const found = await callOnce<{ nodes: string[] }>(data, supervisor.scale, wish, json ? undefined : tell);
      if (json) return printJson(found);
      print(`${wish.service} has ${found.nodes.length} ${found.nodes.length === 1 ? "node" : "nodes"}.`);
    });

/** `brickwork kill`: the sudden end of one node. */
export const killCommand = () =>
  new Command("kill")
    .description("end a node at once, as a crash would; a new one takes its place")
    .argument("<node>", "its id, as `brickwork ps` shows it")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (nodeId: string, { data, json }: Options) => {
      const killed = await callOnce<{ pid: number }>(data, supervisor.kill, { nodeId });
      if (json) return printJson(killed);
      print(`${nodeId} (process ${killed.pid}) is killed.`);
    });

/** `brickwork stop`: the end of one service or of everything, in order. */
export const stopCommand = () =>
  new Command("stop")
    .description("stop one service, or everything, in order")
    .argument("[service]", "the service; without it everything stops")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (service: string | undefined, { data, json }: Options) => {
      if (service) await callOnce(data, supervisor.stop, { service }, json ? undefined : tell);
      else await stopAll(data);
      if (json) return printJson({ stopped: service ?? "all" });
      print(service ? `${service} has stopped.` : "Everything has stopped.");
    });

const STOPPED_WITHIN = 90_000;

async function stopAll(data: string): Promise<void> {
  const isDone = (await endWithoutSupervisor(data)) || (await askToStop(data));
  for (const deadline = Date.now() + STOPPED_WITHIN; await isRunning(data); await sleep(50)) {
    if (Date.now() > deadline) throw new OperatorError(`The shop on ${data} does not stop: see its logs.`);
  }
  if (isDone) await removeRunFile(data);
}

async function askToStop(data: string): Promise<boolean> {
  await callOnce(data, supervisor.stop);
  return false;
}

/** A shop whose supervisor died is ended by its keeper. */
async function endWithoutSupervisor(data: string): Promise<boolean> {
  const keeper = await findKeeper(resolve(data));
  const isAlone = (await keeper?.ask<boolean>("alone")) ?? false;
  if (isAlone) {
    await keeper!.ask("end");
    await keeper!.gone;
  }
  keeper?.close();
  return isAlone;
}
