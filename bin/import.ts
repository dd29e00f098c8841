import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { z } from "zod";
import { OperatorError } from "../lib/operator-error.ts";
import { Import } from "../services/catalog/contract.ts";
import { dataOption, jsonOption } from "./options.ts";
import { bar } from "./progress-bar.ts";
import { findRunning } from "./run-file.ts";

type Import = z.output<typeof Import>;

interface Options {
  readonly data: string;
  readonly json?: boolean;
}

/** `brickwork import`: products from Shopify's product CSV into the running shop. */
export const importCommand = () =>
  new Command("import")
    .description("import products from Shopify's product CSV into the running shop")
    .argument("<file.csv>", "the file, as Shopify exports it")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(importFile);

const POLL = 150;

async function importFile(path: string, { data, json = false }: Options): Promise<void> {
  const size = await sizeOf(path);
  const { url, adminKey } = await findRunning(data);
  const headers = { authorization: `Bearer ${adminKey}` };
  const body = Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
  const upload = {
    method: "POST",
    body,
    duplex: "half" as const,
    headers: { ...headers, "content-type": "text/csv", "content-length": String(size) },
  };
  let now = await ask(`${url}/admin/v1/imports`, upload);
  const progress = bar(json ? undefined : process.stderr);
  while (now.status === "running") {
    progress.show(now.progress, `${now.created + now.updated + now.unchanged} variants`);
    await sleep(POLL);
    now = await ask(`${url}/admin/v1/imports/${now.id}`, { headers });
  }
  progress.show(1, `${now.created + now.updated + now.unchanged} variants`);
  progress.end();
  report(now, json);
}

async function sizeOf(path: string): Promise<number> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new OperatorError(`${path} is not a file.`);
    return found.size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw new OperatorError(`There is no file ${path}.`);
    throw error;
  }
}

const Refusal = z.object({ error: z.object({ message: z.string() }) });

async function ask(url: string, request: RequestInit): Promise<Import> {
  const response = await fetch(url, request).catch((error: Error) => {
    throw new OperatorError(
      `The shop at ${new URL(url).origin} does not answer: ${String((error.cause as Error | undefined)?.message ?? error.message)}.`,
    );
  });
  const body: unknown = await response.json();
  if (response.ok) return Import.parse(body);
  throw new OperatorError(`The shop refused the import: ${Refusal.safeParse(body).data?.error.message ?? response.statusText}`);
}

function report({ status, created, updated, unchanged, failed, errors }: Import, json: boolean): void {
  if (status === "failed" || failed > 0) process.exitCode = 1;
  if (json) return void process.stdout.write(`${JSON.stringify({ status, created, updated, unchanged, failed, errors })}\n`);
  for (const { line, column, message } of errors) process.stderr.write(`line ${line}${column && `, ${column}`}: ${message}\n`);
  const counts = `${created} variants created, ${updated} updated, ${unchanged} unchanged, ${failed} failed`;
  process.stdout.write(`${status === "completed" ? "Imported" : "The import failed"}: ${counts}.\n`);
}
