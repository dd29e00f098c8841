import { readdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "@jest/globals";
import postgres from "postgres";
import { cleanUp, ends, isRunning, startOwner, startServer, temporaryFolder, watchdogOf } from "../data-folder.support.ts";
import { until } from "./leftovers.ts";
import { answers, removeUsedFolder, usedFolder, withClient } from "./embedded.support.ts";

afterEach(cleanUp);
afterAll(removeUsedFolder);

const testOnLinux = process.platform === "linux" ? test : test.skip;

test("the server follows a killed owner, and the next start has what was committed", async () => {
  const folder = await usedFolder();
  const owner = await startServer(folder);
  await withClient(owner.url, (sql) => sql`create table kept as select 1 as one`);
  owner.child.kill("SIGKILL");
  expect(await ends(owner.server, 5_000)).toBe(true);
  const next = await startServer(folder);
  expect(await withClient(next.url, (sql) => sql`select one from kept`)).toHaveLength(1);
});

testOnLinux("a server that lost its owner and its watchdog is ended by the next start", async () => {
  const folder = await usedFolder();
  const owner = await startServer(folder);
  process.kill(await watchdogOf(owner.server), "SIGKILL");
  owner.child.kill("SIGKILL");
  await owner.gone;
  const next = await startServer(folder);
  expect(await isRunning(owner.server)).toBe(false);
  expect(await answers(next.url)).toBe(true);
});

testOnLinux("after everything was killed but a busy backend, and a stranger got the server's pid, it starts", async () => {
  const folder = await usedFolder();
  const owner = await startServer(folder);
  const sql = postgres(owner.url, { max: 1, connect_timeout: 1, backoff: () => 60 });
  const [backend] = await sql`select pg_backend_pid() as pid`;
  const endless = sql`select count(*) from generate_series(1, 1e12)`.catch(() => "cut off");
  process.kill(await watchdogOf(owner.server), "SIGKILL");
  process.kill(owner.server, "SIGKILL");
  owner.child.kill("SIGKILL");
  await owner.gone;
  expect(await isRunning(Number(backend?.pid))).toBe(true);
  const pidFile = join(folder, "postgres", "postmaster.pid");
  await writeFile(pidFile, (await readFile(pidFile, "utf8")).replace(/^\d+/, String(process.ppid)));

  const next = await startServer(folder);
  expect(await answers(next.url)).toBe(true);
  expect(await endless).toBe("cut off");
  await sql.end({ timeout: 0 });
});

test("a start killed in the middle of making the database does not hinder the next", async () => {
  const folder = await temporaryFolder(homedir());
  const owner = startOwner(folder, { postgres: true });
  const isMaking = async () => (await readdir(folder)).some((name) => name.startsWith("postgres.new-"));
  expect(await until(isMaking, 5_000)).toBe(true);
  owner.child.kill("SIGKILL");
  await owner.gone;

  const next = await startServer(folder);
  expect(await answers(next.url)).toBe(true);
  expect(await isMaking()).toBe(false);
});
