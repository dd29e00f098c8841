import { Command } from "commander";
import { runNode } from "../cluster/run-node.ts";
import { Releases } from "../cluster/releases.ts";
import { readConfig } from "../lib/config.ts";
import { dataOption, jsonOption } from "./options.ts";
import { print, printJson } from "./running.ts";

/** `brickwork node`: one more node, here or on another machine. */
export const nodeCommand = () =>
  new Command("node")
    .description(
      "run some services as one more node of a shop, here or on another machine. It needs REDIS_URL, DATABASE_URL and BUS_KEY of that shop, the gateway also ADMIN_KEY, orders and customers SHOP_SECRET: `brickwork env <service>`, where the shop runs, prints them, with the service's own database in place of DATABASE_URL",
    )
    .argument("<service...>", "the services")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (services: string[], { json }: { json?: boolean }) => {
      const config = readConfig();
      const releases = new Releases(config);
      const versions = await Promise.all(services.map(async (name) => [name, await releases.versionOf(name)] as const));
      await runNode({
        config,
        services,
        versions: Object.fromEntries(versions),
        isLeashed: false,
        onReady: ({ nodeId, url }) =>
          json
            ? printJson({ ready: true, nodeId, services, pid: process.pid, ...(url && { url }) })
            : print(`${nodeId} is ready${url ? ` at ${url}` : ""}. Ctrl-C drains and stops it.`),
      });
      // Redis connections that were never made may still be tried.
      process.exit();
    });
