import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
