import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Command } from "commander";
import { z } from "zod";
import { OperatorError } from "../lib/operator-error.ts";
import { exportProducts } from "../services/catalog/contract.ts";
import { dataOption, jsonOption } from "./options.ts";
import { bar } from "./progress-bar.ts";
import { findRunning } from "./run-file.ts";
import { printJson } from "./running.ts";

const Piece = exportProducts.output;
type Piece = z.output<typeof Piece>;

interface Options {
  readonly data: string;
  readonly json?: boolean;
}

/** `brickwork export`: all products of the running shop as Shopify's product CSV. */
export const exportCommand = () =>
  new Command("export")
    .description("export all products of the running shop as Shopify's product CSV")
    .argument("<file.csv>", "the file to write; one that is there is replaced when the export is complete")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(exportFile);

async function exportFile(path: string, { data, json = false }: Options): Promise<void> {
  const { url, adminKey } = await findRunning(data);
  const progress = bar(json ? undefined : process.stderr);
  const products = await writeWhole(path, async (write) => {
    let piece = await ask(url, adminKey, null);
    for (;;) {
      await write(piece.csv);
      progress.show(piece.total === 0 ? 1 : piece.done / piece.total, `${piece.done} products`);
      if (piece.nextCursor === null) return piece.done;
      piece = await ask(url, adminKey, piece.nextCursor);
    }
  });
  progress.end();
  if (json) printJson({ file: path, products });
  else process.stdout.write(`Exported ${products} products to ${path}.\n`);
}

/** Writes beside the file and puts it in its place at the end, so that nobody ever finds half of it. */
async function writeWhole<T>(path: string, work: (write: (text: string) => Promise<void>) => Promise<T>): Promise<T> {
  const beside = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString("hex")}`);
  const file = await open(beside, "wx").catch((error: Error) => {
    throw new OperatorError(`Cannot write ${path}: ${error.message}.`);
  });
  try {
    const result = await work(async (text) => void (await file.write(text)));
    await file.sync();
    await file.close();
    await rename(beside, path);
    return result;
  } catch (error) {
    await file.close();
    await rm(beside, { force: true });
    throw error;
  }
}

const Refusal = z.object({ error: z.object({ message: z.string() }) });

async function ask(url: string, adminKey: string, cursor: string | null): Promise<Piece> {
  const query = cursor === null ? "" : `?cursor=${encodeURIComponent(cursor)}`;
  const headers = { authorization: `Bearer ${adminKey}` };
  const response = await fetch(`${url}/admin/v1/exports/products${query}`, { headers }).catch((error: Error) => {
    throw new OperatorError(
      `The shop at ${url} does not answer: ${String((error.cause as Error | undefined)?.message ?? error.message)}.`,
    );
  });
  const body: unknown = await response.json();
  if (response.ok) return Piece.parse(body);
  throw new OperatorError(`The shop refused the export: ${Refusal.safeParse(body).data?.error.message ?? response.statusText}`);
}
