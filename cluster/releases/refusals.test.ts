import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { OperatorError } from "../../lib/operator-error.ts";
import { Releases } from "../releases.ts";
import { smallTree, type Tree } from "./tree.support.ts";

test.each<[string, (tree: Tree) => Promise<unknown>, string]>([
  [
    "an unknown service",
    ({ releases }) => releases.release("middle"),
    'There is no service "middle". The services are left, right, shared.',
  ],
  [
    "a path for a service",
    ({ releases }) => releases.release("../left"),
    'There is no service "../left". The services are left, right, shared.',
  ],
  [
    "an import that leads nowhere",
    async (tree) => {
      await tree.write("services/left/left.service.ts", 'import "./gone.ts";\n');
      return tree.releases.release("left");
    },
    "services/left/left.service.ts imports services/left/gone.ts, which is not there.",
  ],
  [
    "an import of something outside",
    async (tree) => {
      await tree.write("services/left/left.service.ts", 'import "../../../outside.ts";\n');
      return tree.releases.release("left");
    },
    "services/left/left.service.ts imports ../outside.ts, which is outside of the source tree.",
  ],
  [
    "no entry",
    async (tree) => {
      await rm(join(tree.root, "cluster/main.ts"));
      return tree.releases.release("left");
    },
    "There is no file cluster/main.ts.",
  ],
  [
    "a damaged history",
    async (tree) => {
      await tree.releases.deployed(await tree.releases.release("left"));
      await writeFile(join(tree.data, "releases/left/deployed.json"), "{");
      return tree.releases.current("left");
    },
    "deployed.json is damaged: remove it, and the service counts as never deployed.",
  ],
  [
    "a damaged release",
    async (tree) => {
      const { folder } = await tree.releases.release("left");
      await writeFile(join(folder, "release.json"), "{");
      return tree.releases.release("left");
    },
    "is damaged: remove it and release again.",
  ],
  [
    "a folder that Node refuses",
    ({ root }) => new Releases({ data: join(root, "node_modules/data"), root, entries: ["cluster/main.ts"] }).release("left"),
    "below node_modules: choose another folder with --data.",
  ],
])("%s is told in one line", async (_what, work, line) => {
  await using tree = await smallTree();
  const error = await work(tree).then(
    () => undefined,
    (failure: unknown) => failure,
  );
  expect(error).toBeInstanceOf(OperatorError);
  expect((error as OperatorError).message).toContain(line);
  expect((error as OperatorError).message).not.toContain("\n");
});
