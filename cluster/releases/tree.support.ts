import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Releases } from "../releases.ts";

const CHECKOUT = join(import.meta.dirname, "../..");

/** A source tree of a test's own, with the releases that are made of it. */
export interface Tree extends AsyncDisposable {
  readonly root: string;
  readonly data: string;
  readonly releases: Releases;
  write(path: string, text: string): Promise<void>;
}

const ENTRY = "cluster/main.ts";

/** A tree of a few lines: `left` and `right` import the contract of `shared`, and all of them import the kernel. */
export async function smallTree(): Promise<Tree> {
  const tree = await emptyTree([ENTRY]);
  const files = {
    "package.json": '{ "name": "small", "type": "module", "scripts": {} }',
    "package-lock.json": "{}",
    [ENTRY]: 'import { run } from "../lib/run.ts";\nrun();\n',
    "lib/run.ts": 'export const run = () => process.stdout.write("runs");\n',
    "lib/migrations/0001.do.kernel.sql": "select 1;",
    "services/shared/shared.service.ts": 'import "./contract.ts";\nimport "../../lib/run.ts";\nimport "./work.ts";\n',
    "services/shared/contract.ts": "export const answer = 42;\n",
    "services/shared/work.ts": "export const work = 1;\n",
    "services/shared/README.md": "It is shared.",
    "services/left/left.service.ts": 'import { answer } from "../shared/contract.ts";\nexport default answer;\n',
    "services/left/migrations/0001.do.left.sql": "select 2;",
    "services/left/migrations/contract/0002.do.less.sql": "select 3;",
    "services/right/right.service.ts": 'export { answer as default } from "../shared/contract.ts";\n',
  };
  for (const [path, text] of Object.entries(files)) await tree.write(path, text);
  await mkdir(join(tree.root, "node_modules"));
  return tree;
}

/** A copy of this project's code, to be changed. */
export async function copyOfThisTree(): Promise<Tree> {
  const tree = await emptyTree();
  for (const part of ["lib", "services", "cluster", "moleculer.config.ts", "package.json", "package-lock.json"]) {
    await cp(join(CHECKOUT, part), join(tree.root, part), { recursive: true });
  }
  await symlink(join(CHECKOUT, "node_modules"), join(tree.root, "node_modules"), "junction");
  return tree;
}

async function emptyTree(entries?: readonly string[]): Promise<Tree> {
  const folder = await mkdtemp(join(tmpdir(), "brickwork-releases-"));
  const [root, data] = [join(folder, "checkout"), join(folder, "data")];
  return {
    root,
    data,
    releases: new Releases({ data, root, ...(entries && { entries }) }),
    async write(path, text) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
