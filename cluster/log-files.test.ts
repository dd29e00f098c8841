import { appendFile, mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { eventually } from "../test/support/eventually.ts";
import { findLogs, LogFiles, logPath, readFrom, readTail } from "./log-files.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "brickwork-logs-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("the last lines are found, and what comes after them", async () => {
  expect(await findLogs(folder)).toEqual([]);
  const logs = await LogFiles.in(folder);
  logs.write("orders", "one\ntwo\nthree\nhal");
  const { lines, position } = await eventually(async () => {
    const part = await readTail(folder, "orders", 2);
    expect(part.lines).toHaveLength(2);
    return part;
  });
  expect(lines).toEqual(["two", "three"]);
  logs.write("orders", "f\nfour\n");
  await eventually(async () => expect((await readFrom(folder, "orders", position)).lines).toEqual(["half", "four"]));
  expect(await findLogs(folder)).toEqual(["orders"]);
});

test("a log does not grow without end", async () => {
  const logs = await LogFiles.in(folder);
  const line = `${"x".repeat(999)}\n`;
  for (let written = 0; written < 12_000; written++) logs.write("orders", line);
  await eventually(async () => {
    const sizes = await Promise.all(
      [logPath(folder, "orders"), `${logPath(folder, "orders")}.1`].map(async (path) => (await stat(path)).size),
    );
    expect(sizes).toEqual([2_000_000, 5_000_000]);
  });
});

test("who follows a log misses nothing when it is put aside, and waits for the next one", async () => {
  const path = logPath(folder, "orders");
  await mkdir(dirname(path));
  await writeFile(path, "one\ntwo\n");
  const { position } = await readTail(folder, "orders", 0);
  await appendFile(path, "three\n");
  await rename(path, `${path}.1`);
  const aside = await readFrom(folder, "orders", position);
  expect(aside.lines).toEqual(["three"]);
  await writeFile(path, "four\nfi");
  const next = await readFrom(folder, "orders", aside.position);
  expect(next.lines).toEqual(["four"]);
  await appendFile(path, "ve\n");
  expect((await readFrom(folder, "orders", next.position)).lines).toEqual(["five"]);
});

test("a tail has so many lines at most, also none", async () => {
  const logs = await LogFiles.in(folder);
  logs.write("orders", "one\ntwo\n");
  expect((await readTail(folder, "orders", 0)).lines).toEqual([]);
  expect((await readTail(folder, "orders", 1)).lines).toEqual(["two"]);
  expect((await readTail(folder, "orders", 9)).lines).toEqual(["one", "two"]);
});
