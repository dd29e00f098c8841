import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, expect, test } from "@jest/globals";
import { z } from "zod";
import type { Action, Event } from "../lib/contract.ts";
import { findServices } from "../lib/node.ts";

const ROOT = join(import.meta.dirname, "..");
const run = promisify(execFile);

interface Cruise {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: { readonly from: string; readonly to: string; readonly rule: { readonly name: string } }[];
  };
  readonly modules: { readonly source: string }[];
}

async function cruise(): Promise<Cruise> {
  const program = join(ROOT, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");
  const parts = ["lib", "services", "bin", "cluster", "moleculer.config.ts"];
  const options = { cwd: ROOT, maxBuffer: 64 * 1_048_576 };
  const { stdout } = await run(
    process.execPath,
    [program, "--config", ".dependency-cruiser.cjs", "--output-type", "json", ...parts],
    options,
  ).catch(
    // It exits with the number of violations and prints them all the same.
    (error: { stdout?: string }) => ({ stdout: error.stdout ?? "" }),
  );
  return JSON.parse(stdout) as Cruise;
}

const violationsOf = ({ summary }: Cruise) => summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} → ${to}`);

async function sourceFiles(folder: string): Promise<string[]> {
  const entries = await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name));
}

test("every file keeps to the rules, and every file was read", async () => {
  const found = await cruise();
  expect(violationsOf(found)).toEqual([]);
  const own = found.modules.filter(({ source }) => /^(lib|services|bin|cluster)\//.test(source) && source.endsWith(".ts"));
  const files = [
    ...(await sourceFiles("lib")),
    ...(await sourceFiles("services")),
    ...(await sourceFiles("bin")),
    ...(await sourceFiles("cluster")),
  ];
  expect(own.length).toBe(files.length);
  expect(own.length).toBeGreaterThan(100);
});

const planted: string[] = [];
afterEach(async () => {
  for (const path of planted.splice(0)) await rm(path, { force: true });
});

async function plant(path: string, text: string): Promise<void> {
  const whole = join(ROOT, path);
  await mkdir(dirname(whole), { recursive: true });
  await writeFile(whole, text);
  planted.push(whole);
}

test("the rules bite", async () => {
  await plant("services/carts/planted.ts", 'import "../inventory/store.ts";\nimport "moleculer";\nimport "./planted-too.ts";\n');
  await plant("services/carts/planted-too.ts", 'import "./planted.ts";\nimport "node:http";\nimport "./nowhere.ts";\n');
  await plant("lib/planted.ts", 'import "../services/orders/contract.ts";\nimport "../test/support/nodes.ts";\n');
  const found = new Set(
    (await cruise()).summary.violations.filter(({ from }) => from.includes("planted")).map(({ rule }) => rule.name),
  );
  expect([...found].toSorted()).toEqual([
    "http-stays-in-the-gateway",
    "lib-knows-no-service",
    "moleculer-stays-below",
    "no-cycles",
    "nothing-unresolved",
    "services-meet-only-at-contracts",
    "tests-are-not-imported",
  ]);
});

async function contractOf(service: string): Promise<Record<string, Action | Event>> {
  const module = (await import(join(ROOT, "services", service, "contract.ts"))) as Record<string, { kind?: string }>;
  const values = Object.entries(module).filter(([, value]) => value?.kind === "action" || value?.kind === "event");
  return Object.fromEntries(values) as Record<string, Action | Event>;
}

test.each(findServices())("the contract of %s says the same word for the same thing, and survives JSON", async (service) => {
  for (const [key, value] of Object.entries(await contractOf(service))) {
    expect(value.name).toBe(`${service}.${key}`);
    const schemas = value.kind === "action" ? [value.input, value.output] : [value.payload];
    // A Date, a class or a transformation has no JSON Schema: it would be one thing here and another one on the bus.
    for (const schema of schemas) expect(() => z.toJSONSchema(schema, { io: "input" })).not.toThrow();
  }
});

test("no two actions claim one route", async () => {
  const contracts = await Promise.all(findServices().map(contractOf));
  const routes = contracts
    .flatMap((contract) => Object.values(contract))
    .flatMap((value) => (value.kind === "action" && value.http ? [value.http.route.replace(/:\w+/g, ":")] : []));
  expect(routes.length).toBeGreaterThan(20);
  expect(new Set(routes).size).toBe(routes.length);
});

test("only the configuration reads the environment", async () => {
  const files = [...(await sourceFiles("lib")), ...(await sourceFiles("services"))].filter(
    (file) => !/lib\/config\.ts$|\.(test|fixture|support)\.ts$/.test(file),
  );
  const readers = [];
  for (const file of files) if (/process\.env\b/.test(await readFile(file, "utf8"))) readers.push(file);
  expect(readers).toEqual([]);
});
