import { execFile } from "node:child_process";
import { readdir, readFile, rm } from "node:fs/promises";
import { join, posix, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import ts from "typescript";
import { Releases } from "../releases.ts";
import { importClosure, importsOf, sourceReader } from "./import-closure.ts";
import { ENTRIES } from "./snapshot.ts";
import { copyOfThisTree } from "./tree.support.ts";

const ROOT = join(import.meta.dirname, "../..");
const run = promisify(execFile);

async function sources(): Promise<string[]> {
  const folders = ["lib", "services", "cluster", "bin", "scripts"];
  const lists = await Promise.all(
    folders.map(async (folder) => (await readdir(join(ROOT, folder), { recursive: true })).map((name) => join(folder, name))),
  );
  return lists.flat().filter((path) => path.endsWith(".ts"));
}

/** What TypeScript's parser says that a module loads by a relative path at run time. */
function parsedImports(path: string, text: string): string[] {
  const found: string[] = [];
  const add = (node: ts.Node | undefined) => {
    if (node && ts.isStringLiteral(node) && /^\.{1,2}\//.test(node.text)) found.push(posix.join(posix.dirname(path), node.text));
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && node.importClause?.phaseModifier !== ts.SyntaxKind.TypeKeyword) add(node.moduleSpecifier);
    if (ts.isExportDeclaration(node) && !node.isTypeOnly) add(node.moduleSpecifier);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0]);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest));
  return [...new Set(found)].toSorted();
}

test("the imports of every file here are found as a parser finds them", async () => {
  const paths = await sources();
  expect(paths.length).toBeGreaterThan(200);
  for (const path of paths.filter((each) => !each.endsWith(".test.ts"))) {
    const text = await readFile(join(ROOT, path), "utf8");
    expect({ path, imports: importsOf(path, text).toSorted() }).toEqual({ path, imports: parsedImports(path, text) });
  }
});

test.each([
  'import a from "./x.ts";',
  'import a from"./x.ts"',
  'import { a, type B } from "./x.ts";',
  'import {\n  a,\n  b,\n} from "./x.ts";',
  'import * as a from "./x.ts";',
  'import "./x.ts";',
  'import type from "./x.ts";',
  'import data from "./x.ts" with { type: "json" };',
  'export * from "./x.ts";',
  'export * as a from "./x.ts";',
  'export { a } from "./x.ts";',
  'let a = 1; import "./x.ts";',
  'const a = await import("./x.ts");',
])("%s loads x", (text) => {
  expect(importsOf("lib/y.ts", text)).toEqual(["lib/x.ts"]);
  expect(parsedImports("lib/y.ts", text)).toEqual(["lib/x.ts"]);
});

test.each([
  'import type { A } from "./x.ts";',
  'import type * as A from "./x.ts";',
  'export type { A } from "./x.ts";',
  'import a from "package";',
  '// import a from "./x.ts";',
  'export const from = "./x.ts";',
  'export const a = { from: "./x.ts" };',
  'export type A = "./x.ts";',
])("%s loads nothing", (text) => {
  expect(importsOf("lib/y.ts", text)).toEqual([]);
  expect(parsedImports("lib/y.ts", text)).toEqual([]);
});

test("a node's program brings no service's code with it, so that no service changes all versions", async () => {
  const files = await importClosure(sourceReader(ROOT), ENTRIES);
  expect(files.map(({ path }) => path).filter((path) => path.startsWith("services/"))).toEqual([]);
});

test("the versions of all services are known in an instant", async () => {
  const releases = new Releases({ data: "./data" });
  const times: number[] = [];
  let versions = new Map<string, string>();
  for (let round = 0; round < 3; round++) {
    const began = performance.now();
    versions = await releases.versions();
    times.push(performance.now() - began);
  }
  // The machine may be busy with something else for one of them.
  expect(Math.min(...times)).toBeLessThan(300);
  expect(new Set(versions.values()).size).toBe(versions.size);
});

test("a line in shipping changes shipping's version and no other; a line in its contract those that import it as well", async () => {
  await using tree = await copyOfThisTree();
  const changed = async (path: string): Promise<string[]> => {
    const before = await tree.releases.versions();
    await tree.write(path, `${await readFile(join(tree.root, path), "utf8")}\n// changed\n`);
    const after = await tree.releases.versions();
    return [...after.keys()].filter((service) => before.get(service) !== after.get(service));
  };
  expect(await changed("services/shipping/store.ts")).toEqual(["shipping"]);
  const callers = await changed("services/shipping/contract.ts");
  expect(callers).toContain("carts");
  expect(callers).not.toContain("inventory");
  expect(await changed("lib/database.ts")).toEqual([...(await tree.releases.versions()).keys()]);
});

test("every service starts from its release alone", async () => {
  await using tree = await copyOfThisTree();
  const services = [...(await tree.releases.versions()).keys()];
  const released = await Promise.all(services.map((service) => tree.releases.release(service)));
  for (const part of ["lib", "services", "cluster"]) await rm(join(tree.root, part), { recursive: true });
  const urls = released.map(
    ({ service, folder }) => pathToFileURL(join(folder, "services", service, `${service}.service.ts`)).href,
  );
  const program = `for (const url of ${JSON.stringify(urls)}) console.log((await import(url)).default.name)`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program]);
  expect(stdout.trim().split("\n")).toEqual(services);
  // The node's program gets as far as asking for the bus.
  const { folder } = released[0]!;
  const started = run(process.execPath, [join(folder, ENTRIES[0]!), services[0]!], { env: { PATH: "" }, cwd: folder });
  await expect(started).rejects.toMatchObject({ stderr: expect.stringMatching(/^brickwork: .*REDIS_URL/) });
  expect(relative(tree.data, folder).startsWith("releases/")).toBe(true);
});
