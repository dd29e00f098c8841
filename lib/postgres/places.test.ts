import { cp, readdir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "@jest/globals";
import {
  cleanUp,
  endOwner,
  inMounts,
  reachableFolder,
  startOwner,
  startServer,
  temporaryFolder,
} from "../data-folder.support.ts";
import { findBinaries, run } from "./program.ts";
import { answers, removeUsedFolder, usedFolder } from "./embedded.support.ts";

afterEach(cleanUp);
afterAll(removeUsedFolder);

const testAsRoot = process.platform === "linux" && process.getuid?.() === 0 ? test : test.skip;
const NO_NAMESPACES = 'mount --bind /bin/false "$(command -v unshare)"';

test("a platform without binaries is told to reinstall or to set DATABASE_URL", async () => {
  await expect(findBinaries("unused", "sunos-x64")).rejects.toThrow(/sunos-x64 .*reinstall .*DATABASE_URL/);
  await expect(findBinaries("unused", "win32-x64")).rejects.toThrow("does not run on Windows");
});

testAsRoot("it starts for a user who is not root", async () => {
  const folder = await reachableFolder();
  await run("chown", ["1000:1000", folder]);
  expect(await answers((await startServer(folder, { uid: 1000 })).url)).toBe(true);
});

testAsRoot("where user namespaces are refused, nobody runs it; where nobody cannot, one line says so", async () => {
  const folder = join(await reachableFolder(), "data");
  const wrapper = inMounts(NO_NAMESPACES, folder);
  const owner = await startServer(folder, { wrapper });
  expect((await stat(`/proc/${owner.server}`)).uid).not.toBe(0);
  await endOwner(owner);
  expect(await answers((await startServer(folder)).url)).toBe(true);

  const hidden = startOwner(await temporaryFolder(homedir()), { postgres: true, wrapper });
  expect(await hidden.answer).toMatchObject({
    said: expect.stringMatching(/^OperatorError: root may not run PostgreSQL, .* or set DATABASE_URL$/),
  });
});

testAsRoot("a disk too small for the database is one line", async () => {
  const folder = await temporaryFolder();
  const wrapper = inMounts('mount -t tmpfs -o size=20m brickwork "$MOUNT"', folder);
  const owner = startOwner(folder, { postgres: true, wrapper });
  expect(await owner.answer).toMatchObject({
    said: expect.stringMatching(/^OperatorError: cannot create the database .*; free about 100 MB, or .*--data$/),
  });
});

testAsRoot("it starts from a read-only node_modules whose install scripts did not run", async () => {
  const bare = await temporaryFolder();
  const { folder } = await findBinaries(bare);
  const libraries = join(folder, "..", "lib");
  await cp(libraries, bare, { recursive: true, filter: (path) => !/\/lib[^/]*\.a$/.test(path), verbatimSymlinks: true });
  await run("find", [bare, "-type", "l", "-delete"]);
  const wrapper = inMounts(`mount --bind "$MOUNT" "${libraries}"; mount -o remount,ro,bind "${libraries}"`, bare);
  const path = await usedFolder();
  expect(await answers((await startServer(path, { wrapper })).url)).toBe(true);
  expect(await readdir(join(path, "postgres-lib"))).toContain("libpq.so.5");
});
