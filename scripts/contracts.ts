import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";
import { z } from "zod";
import { type BreakingChange, describeBreak, diffContracts } from "../lib/contracts/contract-diff.ts";
import { type ContractDocument, documentOf } from "../lib/contracts/document.ts";
import { kernelContract } from "../lib/kernel-contract.ts";
import { findServices } from "../lib/node.ts";

const ROOT = join(import.meta.dirname, "..");
const FOLDER = join(ROOT, "docs/contracts");
const RETIRED = "retired.json";
const NOTHING: ContractDocument = { actions: {}, events: {} };

/** What every service answers besides its own contract is a promise as well; it is kept under this name. */
const KERNEL = "kernel";

/** Actions and events that may go although they were released, by wire name, each with its reason. */
const Retired = z.record(z.string(), z.string().min(10, "needs a reason, in words"));

async function contracts(): Promise<Map<string, ContractDocument>> {
  const found = new Map([[KERNEL, documentOf(kernelContract(KERNEL))]]);
  for (const service of findServices()) {
    const module = (await import(join(ROOT, "services", service, "contract.ts"))) as object;
    found.set(service, documentOf(module));
  }
  return found;
}

async function released(): Promise<Map<string, ContractDocument>> {
  const names = (await readdir(FOLDER).catch(ifAbsent([]))).filter((name) => name.endsWith(".json") && name !== RETIRED);
  const entries = names.map(async (name) => {
    const document = JSON.parse(await readFile(join(FOLDER, name), "utf8")) as ContractDocument;
    return [name.slice(0, -".json".length), document] as const;
  });
  return new Map(await Promise.all(entries));
}

const ifAbsent =
  <T>(standard: T) =>
  (error: NodeJS.ErrnoException): T => {
    if (error.code === "ENOENT") return standard;
    throw error;
  };

async function retired(): Promise<z.output<typeof Retired>> {
  const text = await readFile(join(FOLDER, RETIRED), "utf8").catch(ifAbsent("{}"));
  try {
    return Retired.parse(JSON.parse(text));
  } catch (error) {
    const what = error instanceof z.ZodError ? z.prettifyError(error).replaceAll(/\s+/g, " ") : (error as Error).message;
    console.error(`docs/contracts/${RETIRED} is wrong: ${what}`);
    process.exit(1);
  }
}

async function release(now: ReadonlyMap<string, ContractDocument>, before: ReadonlyMap<string, ContractDocument>): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const promising = [...now].filter(([, { actions, events }]) => Object.keys({ ...actions, ...events }).length > 0);
  for (const name of before.keys()) await rm(join(FOLDER, `${name}.json`));
  for (const [name, document] of promising) {
    const text = await format(JSON.stringify(document), { parser: "json", printWidth: 130 });
    await writeFile(join(FOLDER, `${name}.json`), text);
  }
}

function findBreaks(
  before: ReadonlyMap<string, ContractDocument>,
  now: ReadonlyMap<string, ContractDocument>,
  mayGo: Readonly<Record<string, string>>,
): BreakingChange[] {
  const found = [...before].flatMap(([name, document]) => diffContracts(document, now.get(name) ?? NOTHING));
  return found.filter(({ name, isRemoval }) => !(isRemoval && name in mayGo));
}

const count = (documents: ReadonlyMap<string, ContractDocument>): string => {
  const all = [...documents.values()];
  const sum = (kind: keyof ContractDocument) => all.reduce((total, document) => total + Object.keys(document[kind]).length, 0);
  return `${sum("actions")} actions and ${sum("events")} events`;
};

const [before, now, mayGo] = await Promise.all([released(), contracts(), retired()]);
const breaks = findBreaks(before, now, mayGo);
if (breaks.length > 0) {
  for (const line of breaks.map(describeBreak)) console.error(line);
  console.error(
    `${breaks.length} changes would break what runs on the last release (docs/contracts). Add beside the old instead; what nobody uses is retired with a reason in docs/contracts/${RETIRED}.`,
  );
  process.exitCode = 1;
} else if (process.argv.includes("--release")) {
  await release(now, before);
  console.log(`Wrote ${count(now)} to docs/contracts.`);
} else console.log(`The last release promised ${count(before)}: all of it still holds.`);
