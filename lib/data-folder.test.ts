import { readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { openDataFolder } from "./data-folder.ts";
import { cleanUp, inMounts, reachableFolder, startOwner, temporaryFolder } from "./data-folder.support.ts";
import { OperatorError } from "./operator-error.ts";

afterEach(cleanUp);

const isRoot = process.getuid?.() === 0;
const testAsRoot = isRoot ? test : test.skip;
const IN_A_SECOND = { patience: 1_000 };
const AT_ONCE = { patience: 0 };

test("the folder is made for its owner alone, and can be taken again after it was closed", async () => {
  const path = join(await temporaryFolder(), "data");
  for (let turn = 0; turn < 2; turn++) {
    const folder = await openDataFolder(path, AT_ONCE);
    expect(folder.path).toBe(path);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    await folder.close();
    await folder.close();
  }
});

test("a secret is made once, is private, and differs by name", async () => {
  const path = await temporaryFolder();
  const first = await openDataFolder(path);
  const [secret, same] = await Promise.all([first.secret("key"), first.secret("key")]);
  expect(Buffer.from(secret, "base64url")).toHaveLength(32);
  expect(same).toBe(secret);
  expect(await first.secret("other")).not.toBe(secret);
  expect((await stat(join(path, "key"))).mode & 0o777).toBe(0o600);
  await first.close();

  await using second = await openDataFolder(path);
  expect(await second.secret("key")).toBe(secret);
  expect((await readdir(path)).filter((name) => name.endsWith(".new"))).toEqual([]);
});

test("an emptied secret is refused, for a new one would lock the owner out", async () => {
  const path = await temporaryFolder();
  await writeFile(join(path, "key"), "");
  await using folder = await openDataFolder(path);
  await expect(folder.secret("key")).rejects.toThrow(`${path}/key holds no secret any more`);
});

test("a second start is told who has the folder and what to do", async () => {
  const path = await temporaryFolder();
  const owner = startOwner(path);
  await owner.answer;
  const second = openDataFolder(path, AT_ONCE);
  await expect(second).rejects.toThrow(OperatorError);
  await expect(second).rejects.toThrow(
    `the data folder ${path} is in use by process ${owner.pid}: stop it, or give another folder with --data`,
  );
});

test("a folder held in the same process is refused too, and stays held", async () => {
  const path = await temporaryFolder();
  await using held = await openDataFolder(path);
  expect(held.path).toBe(path);
  await expect(openDataFolder(path, AT_ONCE)).rejects.toThrow(`in use by process ${process.pid}`);
  expect(await startOwner(path).answer).toMatchObject({ outcome: "refused" });
});

test("of starts at the same moment one wins", async () => {
  const path = await temporaryFolder();
  const answers = await Promise.all(Array.from({ length: 5 }, () => startOwner(path).answer));
  expect(answers.filter(({ outcome }) => outcome === "running")).toHaveLength(1);
});

test("a killed owner lets the folder go, and a start waits for an owner that is just dying", async () => {
  const path = await temporaryFolder();
  const owner = startOwner(path);
  await owner.answer;
  const next = openDataFolder(path, IN_A_SECOND);
  owner.child.kill("SIGKILL");
  await (await next).close();
});

test("a zombie does not hold the folder", async () => {
  const path = await temporaryFolder();
  // The shell becomes a program that never asks how its child ended.
  const owner = startOwner(path, { wrapper: ["sh", "-c", 'exec 3<&0; "$@" <&3 & exec sleep 30', "sh"] });
  await owner.answer;
  const pid = Number(await readFile(join(path, "pid"), "utf8"));
  process.kill(pid, "SIGKILL");
  await (await openDataFolder(path, IN_A_SECOND)).close();
  expect(process.kill(pid, 0)).toBe(true);
});

test("a pid file that names a living stranger holds nothing", async () => {
  const path = await temporaryFolder();
  await writeFile(join(path, "pid"), `${process.ppid}\n`);
  await (await openDataFolder(path, AT_ONCE)).close();
});

test("a missing parent, a file in the way and a dangling link are one line each", async () => {
  const parent = await temporaryFolder();
  await expect(openDataFolder(join(parent, "a", "b"))).rejects.toThrow(`there is no folder ${parent}/a: create it`);
  await writeFile(join(parent, "file"), "");
  await expect(openDataFolder(join(parent, "file"))).rejects.toThrow("a file is in the way");
  await expect(openDataFolder(join(parent, "file", "below"))).rejects.toThrow("a file is in the way");
  await symlink("nowhere", join(parent, "link"));
  await expect(openDataFolder(join(parent, "link"))).rejects.toThrow("it is a link to nothing");
});

testAsRoot("a folder of another user, a read-only and a full disk are one line each", async () => {
  const path = await reachableFolder();
  const refused = (reason: string) => ({
    outcome: "refused",
    said: `OperatorError: cannot use the data folder ${path}: ${reason}, or give another folder with --data`,
  });
  const theirs = refused("this user may not write there: give the user the right to");
  expect(await startOwner(path, { uid: 1000 }).answer).toEqual(theirs);

  const readOnly = inMounts('mount --bind "$MOUNT" "$MOUNT" && mount -o remount,ro,bind "$MOUNT"', path);
  expect(await startOwner(path, { wrapper: readOnly }).answer).toEqual(
    refused("the file system is read-only: mount it writable"),
  );

  const full = inMounts('mount -t tmpfs -o size=4k brickwork "$MOUNT" && echo x >"$MOUNT/full"', path);
  expect(await startOwner(path, { wrapper: full }).answer).toEqual(refused("the disk is full: free some space"));
});
