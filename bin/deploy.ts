import { Command, InvalidArgumentError } from "commander";
import type { Rollout } from "../cluster/contract.ts";
import * as supervisor from "../cluster/contract.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { dataOption, jsonOption } from "./options.ts";
import { callOnce, print, printJson, tell } from "./running.ts";

interface Options {
  readonly data: string;
  readonly json?: boolean;
}

/** `brickwork release`: services frozen as they are now. */
export const releaseCommand = () =>
  new Command("release")
    .description("freeze services as they are in the checkout now, without rolling them out")
    .argument("[service...]", "the services; without any all of them")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (services: string[], { data, json }: Options) => {
      const found = await callOnce<{ releases: { service: string; version: string }[] }>(data, supervisor.release, { services });
      if (json) return printJson(found);
      print(...found.releases.map(({ service, version }) => `${service} ${version}`));
    });

interface DeployOptions extends Options {
  readonly changed?: boolean;
  /** Milliseconds. */
  readonly watch?: number;
}

function parseWatch(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) > 600) throw new InvalidArgumentError("It is not a number of seconds up to 600.");
  return Number(text) * 1_000;
}

/** `brickwork deploy`: a rolling replacement of one service or of all that changed. */
export const deployCommand = () =>
  new Command("deploy")
    .description("replace the nodes of a service by its release of the checkout, one by one, and return when that is over")
    .argument("[service]", "the service")
    .option("--changed", "every service that has changed")
    .option(
      "--watch <seconds>",
      "how long to compare a new release with the old one; longer for what is rarely called",
      parseWatch,
    )
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (service: string | undefined, { data, json = false, changed, watch }: DeployOptions) => {
      if (Boolean(service) === Boolean(changed)) throw new OperatorError("Name one service, or give --changed.");
      const hear = json ? undefined : tell;
      const { rollouts } = await callOnce<{ rollouts: Rollout[] }>(
        data,
        supervisor.deploy,
        { ...(service && { service }), ...(watch !== undefined && { watch }) },
        hear,
      );
      report(service ? rollouts : rollouts.filter(({ outcome }) => outcome !== "unchanged"), json);
      if (!json && rollouts.every(({ outcome }) => outcome === "unchanged") && !service) print("Nothing has changed.");
    });

/** `brickwork rollback`: the release before in the place of the one that serves. */
export const rollbackCommand = () =>
  new Command("rollback")
    .description("replace the nodes of a service by the release before, one by one")
    .argument("<service>", "the service")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (service: string, { data, json = false }: Options) => {
      report([await callOnce<Rollout>(data, supervisor.rollback, { service }, json ? undefined : tell)], json);
    });

function report(rollouts: readonly Rollout[], json: boolean): void {
  if (rollouts.some(({ outcome }) => outcome === "went_back")) process.exitCode = 1;
  if (json) return printJson({ rollouts });
  for (const { service, from, to, outcome, reason } of rollouts) {
    if (outcome === "unchanged") print(`${service} is unchanged at ${to}.`);
    else if (outcome === "deployed") print(`${service} went from ${from} to ${to}.`);
    else process.stderr.write(`brickwork: ${service} is still at ${from}, since with ${to}: ${reason}.\n`);
  }
}
