import { Command } from "commander";
import { kernelContract } from "../lib/kernel-contract.ts";
import { OperatorError } from "../lib/operator-error.ts";
import type { Output } from "../lib/contract.ts";
import * as operations from "../services/operations/contract.ts";
import { dataOption, jsonOption } from "./options.ts";
import { callOnce, print, printJson, tell } from "./running.ts";
import { table } from "./table.ts";

interface Options {
  readonly data: string;
  readonly json?: boolean;
}

const command = (name: string, description: string) =>
  new Command(name).description(description).addOption(dataOption()).addOption(jsonOption());

const warn = (degraded: readonly string[]): void => {
  if (degraded.length > 0) tell(`${degraded.join(", ")} did not answer, so this is not all.`);
};

/** The commands for the durable side: feeds, parked events, sagas and read models. */
export const durableCommands = (): Command[] => [
  command("feeds", "show how far every service has read the feeds it follows").action(feeds),
  command("parked", "list the events that wait for an operator").action(parked),
  command("redrive", "have a parked event handled again")
    .argument("<id>", "the event, as `brickwork parked` shows it")
    .option("--service <service>", "whose, when several services have parked it")
    .action(redrive),
  command("sagas", "list work over several services, newest first")
    .option("--status <status>", "only those: running, compensating, completed, compensated or stuck")
    .option("--limit <n>", "how many", "20")
    .action(sagas),
  command("rebuild", "empty a service's read model and fill it anew from the feeds").argument("<service>").action(rebuild),
];

async function feeds({ data, json }: Options): Promise<void> {
  const found = await callOnce<Output<typeof operations.findFeeds>>(data, operations.findFeeds);
  if (json) return printJson(found);
  const rows = found.data.map(({ service, feed, position, lag, ageSeconds, state, problem, parked: held }) => [
    service,
    feed,
    String(position),
    lag === null ? "?" : String(lag),
    ageSeconds === null ? "" : `${Math.round(ageSeconds)} s`,
    String(held),
    problem ? `${state}: ${problem}` : state,
  ]);
  print(...table(["SERVICE", "FEED", "POSITION ", "LAG ", "AGE ", "PARKED ", "STATE"], rows));
  warn(found.degraded);
}

async function parked({ data, json }: Options): Promise<void> {
  const found = await callOnce<Output<typeof operations.findParkedEvents>>(data, operations.findParkedEvents);
  if (json) return printJson(found);
  if (found.data.length === 0) print("No event is parked.");
  else print(...table(["ID", "SERVICE", "EVENT", "TRIES ", "SINCE", "ERROR"], found.data.map(parkedRow)));
  warn(found.degraded);
}

const parkedRow = ({ id, service, type, tries, heldSince, error }: operations.ParkedEvent): string[] => {
  const [reason = ""] = error.split("\n");
  return [id, service, type, String(tries), heldSince, reason];
};

async function redrive(id: string, { data, json, service }: Options & { service?: string }): Promise<void> {
  const input = { id, ...(service && { service }) };
  const settled = await callOnce<Output<typeof operations.redriveParkedEvent>>(data, operations.redriveParkedEvent, input);
  if (json) return printJson(settled);
  print(`${settled.service} handles ${id} again.`);
}

async function sagas({ data, json, status, limit }: Options & { status?: string; limit: string }): Promise<void> {
  const input = { limit: Number(limit), ...(status && { status }) };
  const found = await callOnce<Output<typeof operations.findSagas>>(data, operations.findSagas, input);
  if (json) return printJson(found);
  const rows = found.data.map(({ id, service, name, status: now, step, attempt, error, updatedAt }) => [
    id,
    `${service}.${name}`,
    now,
    step ?? "",
    String(attempt),
    updatedAt,
    error ?? "",
  ]);
  if (rows.length === 0) print("There are no such sagas.");
  else print(...table(["ID", "SAGA", "STATUS", "STEP", "TRY ", "LAST CHANGE", "ERROR"], rows));
  warn(found.degraded);
}

async function rebuild(service: string, { data, json }: Options): Promise<void> {
  const answer = await callOnce<{ outcome: string }>(data, kernelContract(service).rebuild);
  if (answer.outcome === "not_a_read_model") {
    throw new OperatorError(`${service} is no read model: what it knows is not made of feeds alone, so it cannot be rebuilt.`);
  }
  if (json) return printJson(answer);
  print(`${service} is rebuilt from the feeds. \`brickwork feeds\` shows how far it is.`);
}
