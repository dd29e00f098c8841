import { Command } from "commander";
import { askVariables, reach } from "../cluster/control.ts";
import { dataOption, jsonOption } from "./options.ts";
import { print, printJson, tell } from "./running.ts";

/** `brickwork env`: what a node on another machine needs, and no more. */
export const envCommand = () =>
  new Command("env")
    .description(
      "print the environment of one more node of some services, for `brickwork node` on this or another machine: the bus, their own databases and secrets, and nobody else's",
    )
    .argument("<service...>", "the services")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (services: string[], { data, json }: { data: string; json?: boolean }) => {
      const wire = await reach(data);
      const variables = await askVariables(wire, services).finally(() => wire.close());
      const local = Object.keys(variables).filter((name) => isHere(variables[name]!));
      if (local.length > 0) {
        const remedy = "for that, start the shop with REDIS_URL and DATABASE_URL of servers that both reach";
        tell(
          `Another machine cannot use ${local.join(" and ")}, which ${local.length > 1 ? "name" : "names"} this one: ${remedy}.`,
        );
      }
      if (json) return printJson(variables);
      print(...Object.entries(variables).map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`));
    });

const isHere = (value: string): boolean =>
  URL.canParse(value) && ["localhost", "127.0.0.1", "[::1]"].includes(new URL(value).hostname);
