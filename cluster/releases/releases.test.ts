import { execFile } from "node:child_process";
import { mkdir, readdir, rename, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { type Release, Releases } from "../releases.ts";
import { smallTree, type Tree } from "./tree.support.ts";

const run = promisify(execFile);

/** The services whose version a change of one file changes. */
async function changedBy(tree: Tree, path: string, text: string): Promise<string[]> {
  const before = await tree.releases.versions();
  await tree.write(path, text);
  const after = await tree.releases.versions();
  return [...after.keys()].filter((service) => before.get(service) !== after.get(service)).toSorted();
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

test.each([
  ["services/left/left.service.ts", ["left"]],
  ["services/shared/contract.ts", ["left", "right", "shared"]],
  ["services/shared/work.ts", ["shared"]],
  ["services/left/migrations/0001.do.left.sql", ["left"]],
  ["services/left/migrations/0003.do.more.sql", ["left"]],
  ["lib/run.ts", ["left", "right", "shared"]],
  ["lib/migrations/0002.do.more.sql", ["left", "right", "shared"]],
  ["package-lock.json", ["left", "right", "shared"]],
  ["cluster/main.ts", ["left", "right", "shared"]],
  ["services/shared/README.md", []],
  ["services/left/left.test.ts", []],
])("a change of %s changes the version of %j", async (path, services) => {
  await using tree = await smallTree();
  expect(await changedBy(tree, path, "// changed\n")).toEqual(services);
});

test("a version is short, the same for the same bytes, and not changed by a script in package.json", async () => {
  await using tree = await smallTree();
  await using twin = await smallTree();
  const version = await tree.releases.versionOf("left");
  expect(version).toMatch(/^[0-9a-f]{10}$/);
  expect(await twin.releases.versionOf("left")).toBe(version);
  await tree.write("package.json", '{ "name": "small", "type": "module", "scripts": { "more": "true" } }');
  expect(await tree.releases.versionOf("left")).toBe(version);
  await tree.write("package.json", '{ "name": "small", "type": "commonjs" }');
  expect(await tree.releases.versionOf("left")).not.toBe(version);
});

test("a release holds what one service needs, and stays when the working tree goes on", async () => {
  await using tree = await smallTree();
  const release = await tree.releases.release("left");
  expect(release.folder).toBe(join(tree.data, "releases/left", release.version));
  expect((await filesIn(release.folder)).toSorted()).toEqual([
    "cluster/main.ts",
    "lib/migrations/0001.do.kernel.sql",
    "lib/run.ts",
    "package.json",
    "release.json",
    "services/left/left.service.ts",
    "services/left/migrations/0001.do.left.sql",
    "services/left/migrations/contract/0002.do.less.sql",
    "services/shared/contract.ts",
  ]);
  await tree.write("lib/run.ts", "throw new Error();");
  const { stdout } = await run(process.execPath, [join(release.folder, "cluster/main.ts")]);
  expect(stdout).toBe("runs");
  expect((await stat(join(release.folder, "lib/run.ts"))).mode & 0o222).toBe(0);
});

test("packages are found from a release, also after the checkout was moved", async () => {
  await using tree = await smallTree();
  await tree.write("node_modules/brick/package.json", '{ "name": "brick", "type": "module", "exports": "./brick.js" }');
  await tree.write("node_modules/brick/brick.js", 'export const name = "brick";');
  await tree.write("cluster/main.ts", 'import { name } from "brick";\nconst text: string = name;\nprocess.stdout.write(text);\n');
  const { folder } = await tree.releases.release("left");
  expect((await run(process.execPath, [join(folder, "cluster/main.ts")])).stdout).toBe("brick");
  const root = `${tree.root}-moved`;
  await rename(tree.root, root);
  const moved = new Releases({ data: tree.data, root, entries: ["cluster/main.ts"] });
  expect((await moved.release("left")).folder).toBe(folder);
  expect((await run(process.execPath, [join(folder, "cluster/main.ts")])).stdout).toBe("brick");
});

test("releasing twice, or twenty times at once, makes one release", async () => {
  await using tree = await smallTree();
  const made = await Promise.all(Array.from({ length: 20 }, () => tree.releases.release("left")));
  expect(new Set(made.map(({ folder }) => folder)).size).toBe(1);
  expect(await readdir(join(tree.data, "releases/left"))).toEqual([made[0]!.version]);
  expect(await tree.releases.release("left")).toEqual((await tree.releases.list("left"))[0]);
});

test("a release that a crash left half written is no release", async () => {
  await using tree = await smallTree();
  const version = await tree.releases.versionOf("left");
  const half = join(tree.data, "releases/left", `.${version}-dead`);
  await mkdir(half, { recursive: true });
  await writeFile(join(half, "package.json"), "{");
  expect(await tree.releases.list("left")).toEqual([]);
  expect((await tree.releases.release("left")).version).toBe(version);
  await utimes(half, 0, 0);
  await tree.releases.collect("left");
  expect(await readdir(join(tree.data, "releases/left"))).toEqual([version]);
});

async function releaseAnew(tree: Tree, text: string) {
  await tree.write("services/left/left.service.ts", `// ${text}\n`);
  const release = await tree.releases.release("left");
  await sleep(2); // Releases are sorted by the millisecond.
  return release;
}

test("what was deployed is known, and going back twice goes back two releases", async () => {
  await using tree = await smallTree();
  const { releases } = tree;
  expect(await releases.current("left")).toBeUndefined();
  for (const text of ["one", "two", "two", "three"]) await releases.deployed(await releaseAnew(tree, text));
  const [three, two, one] = await releases.list("left");
  expect([await releases.current("left"), await releases.previous("left")]).toEqual([three, two]);
  await releases.rolledBack("left");
  expect([await releases.current("left"), await releases.previous("left")]).toEqual([two, one]);
  await releases.rolledBack("left");
  expect([await releases.current("left"), await releases.previous("left")]).toEqual([one, undefined]);
  // Another process, later.
  expect(await new Releases({ data: tree.data, root: tree.root }).current("left")).toEqual(one);
});

test("what changed is what is not deployed", async () => {
  await using tree = await smallTree();
  const { releases } = tree;
  for (const service of ["left", "right", "shared"]) await releases.deployed(await releases.release(service));
  expect(await releases.changed()).toEqual([]);
  const deployed = await releases.versionOf("shared");
  await tree.write("services/shared/work.ts", "export const work = 2;\n");
  expect(await releases.changed()).toEqual([{ service: "shared", version: await releases.versionOf("shared"), deployed }]);
  await tree.write("services/fresh/fresh.service.ts", "export default 1;\n");
  expect((await releases.changed()).map(({ service, deployed: was }) => [service, was])).toEqual([
    ["fresh", undefined],
    ["shared", deployed],
  ]);
});

test("old releases go, but never one that serves, that a rollback needs or that is in use", async () => {
  await using tree = await smallTree();
  const { releases } = tree;
  const made: Release[] = [];
  for (let n = 0; n < 9; n++) made.push(await releaseAnew(tree, String(n)));
  const version = (n: number) => made[n]!.version;
  for (const n of [5, 0, 1]) await releases.deployed(made[n]!);
  const gone = await releases.collect("left", [version(2)]);
  expect(gone.toSorted()).toEqual([3, 4, 5, 6].map(version).toSorted());
  expect((await releases.list("left")).map((release) => release.version)).toEqual([8, 7, 2, 1, 0].map(version));
  await releases.rolledBack("left");
  expect((await releases.current("left"))?.version).toBe(version(0));
  // The one before that is gone, and a rollback does not aim at it.
  expect(await releases.previous("left")).toBeUndefined();
});

test("other packages are noticed", async () => {
  await using tree = await smallTree();
  const release = await tree.releases.release("left");
  expect(await tree.releases.hasOtherPackages(release)).toBe(false);
  await tree.write("package-lock.json", '{ "other": true }');
  expect(await tree.releases.hasOtherPackages(release)).toBe(true);
});
