import { Command } from "commander";
import * as supervisor from "../cluster/contract.ts";
import type { NodeView } from "../cluster/contract.ts";
import { dataOption, jsonOption } from "./options.ts";
import { callOnce, print, printJson } from "./running.ts";
import { table } from "./table.ts";

/** `brickwork ps`: the nodes of the running system. */
export const psCommand = () =>
  new Command("ps")
    .description("list the nodes of the running system")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async ({ data, json }: { data: string; json?: boolean }) => {
      const found = await callOnce<{ nodes: NodeView[] }>(data, supervisor.ps);
      if (json) return printJson(found);
      print(...nodeTable(found.nodes));
    });

/** The nodes as a table for people. */
export const nodeTable = (nodes: readonly NodeView[]): string[] =>
  table(
    ["NODE", "SERVICES", "VERSION", "PID ", "MEMORY ", "UP ", "READY"],
    nodes.map(({ nodeId, services, version, pid, rss, uptime, ready }) => [
      nodeId,
      services.length > 3 ? `${services.length} services` : services.join(", "),
      version,
      pid === null ? "?" : String(pid),
      rss === null ? "?" : `${Math.round(rss / 1_048_576)} MB`,
      uptime === null ? "?" : duration(uptime),
      ready ? "yes" : "no",
    ]),
  );

function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3_600)} h`;
}
