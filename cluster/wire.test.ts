import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connectTo, openDoor, Refusal, socketPath } from "./wire.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "brickwork-wire-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("questions are answered, refusals say why, and news reach everybody", async () => {
  const path = socketPath(folder, "test");
  await using door = await openDoor(path, async (method, params) => {
    if (method === "echo") return params;
    throw new Refusal(`no ${method}`, "not_found");
  });
  const [one, two] = [(await connectTo(path))!, (await connectTo(path))!];
  const large = "ü".repeat(200_000);
  expect(await Promise.all([one.ask("echo", { a: 1 }), two.ask("echo", { large }), one.ask("echo")])).toEqual([
    { a: 1 },
    { large },
    {},
  ]);
  await expect(one.ask("nothing")).rejects.toMatchObject({ name: "Refusal", message: "no nothing", code: "not_found" });
  const heard = Promise.all([one, two].map((wire) => new Promise((resolve) => wire.onNews("said", resolve))));
  door.tell("said", "hello");
  expect(await heard).toEqual(["hello", "hello"]);
  one.close();
  two.close();
});

test("only this user can open the socket, and nobody serving is no error", async () => {
  const path = socketPath(folder, "test");
  expect(await connectTo(path)).toBeUndefined();
  const door = await openDoor(path, async () => null);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await door.close();
  expect(await connectTo(path)).toBeUndefined();
});

test("who asks and gets no answer learns that the other side has gone", async () => {
  const path = socketPath(folder, "test");
  const door = await openDoor(path, () => new Promise(() => undefined));
  const wire = (await connectTo(path))!;
  const asked = expect(wire.ask("wait")).rejects.toThrow("gone");
  await door.close();
  await asked;
  await expect(wire.ask("again")).rejects.toThrow("gone");
});

test("a folder with a long path has its sockets in a short one", async () => {
  const long = join(folder, "a".repeat(120));
  const path = socketPath(long, "test");
  expect(path.length).toBeLessThanOrEqual(100);
  expect(path).not.toBe(socketPath(`${long}b`, "test"));
  const door = await openDoor(path, async () => "here");
  const wire = (await connectTo(path))!;
  expect(await wire.ask("anything")).toBe("here");
  wire.close();
  await door.close();
  await rm(dirname(path), { recursive: true });
});
