import { mkdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "@jest/globals";
import { openDataFolder } from "../data-folder.ts";
import { cleanUp, isRunning, startServer, temporaryFolder } from "../data-folder.support.ts";
import { answers, removeUsedFolder, usedFolder, withClient } from "./embedded.support.ts";
import { startEmbeddedPostgres } from "./embedded.ts";

const testOnLinux = process.platform === "linux" ? test : test.skip;

afterEach(cleanUp);
afterAll(removeUsedFolder);

test("the database speaks UTF-8, finds Korean by trigrams, asks for a password and is durable", async () => {
  await using folder = await openDataFolder(await usedFolder());
  await using server = await startEmbeddedPostgres(folder);
  await withClient(server.url, async (sql) => {
    await sql`create extension pg_trgm`;
    await sql`create extension unaccent`;
    const [row] = await sql`select show_trgm('머그컵') as trigrams, similarity('하얀 머그컵', '머그컵') as near`;
    expect(row?.trigrams).toHaveLength(4);
    expect(row?.near).toBeGreaterThan(0.5);
    const settings = await sql`select name, setting from pg_settings where name in ${sql([
      "server_encoding",
      "fsync",
      "synchronous_commit",
      "max_connections",
      "jit",
      "TimeZone",
      "listen_addresses",
      "unix_socket_directories",
    ])}`;
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
      server_encoding: "UTF8",
      fsync: "on",
      synchronous_commit: "on",
      max_connections: "200",
      jit: "off",
      TimeZone: "UTC",
      listen_addresses: "127.0.0.1",
      unix_socket_directories: "",
    });
  });
  await expect(answers(server.url.replace(/:[^:@]+@/, ":guess@"))).rejects.toThrow("password authentication failed");
});

test("stopping ends the server, and the next start has the data and the port", async () => {
  await using folder = await openDataFolder(await usedFolder());
  const first = await startEmbeddedPostgres(folder);
  await withClient(first.url, (sql) => sql`create table kept as select 1 as one`);
  await first.stop();
  await first.ended;
  expect(await isRunning(first.pid)).toBe(false);

  await using second = await startEmbeddedPostgres(folder);
  expect(second.url).toBe(first.url);
  expect(await withClient(second.url, (sql) => sql`select one from kept`)).toHaveLength(1);
});

testOnLinux("a terminal's Ctrl-C does not reach the server", async () => {
  const owner = await startServer(await usedFolder());
  const [, group, session] = /\) \S+ \d+ (\d+) (\d+)/.exec(await readFile(`/proc/${owner.server}/stat`, "utf8")) ?? [];
  expect([Number(group), Number(session)]).toEqual([owner.server, owner.server]);
});

test("a taken port is replaced when it was only remembered, and refused when it was asked for", async () => {
  const path = await usedFolder();
  const port = Number(await readFile(join(path, "postgres.port"), "utf8"));
  const stranger = createServer().listen(port, "127.0.0.1");
  const said: string[] = [];
  await using folder = await openDataFolder(path);
  await expect(startEmbeddedPostgres(folder, { port })).rejects.toThrow(`port ${port} of 127.0.0.1 is taken: stop`);
  await using server = await startEmbeddedPostgres(folder, { log: (line) => said.push(line) });
  expect(said).toEqual([`another program has port ${port}, so PostgreSQL listens on ${server.port}`]);
  expect(Number(await readFile(join(path, "postgres.port"), "utf8"))).toBe(server.port);
  stranger.close();
});

test("a log that grew large is put aside at the start", async () => {
  const path = await usedFolder();
  await truncate(join(path, "postgres.log"), 11_000_000);
  await using folder = await openDataFolder(path);
  await using server = await startEmbeddedPostgres(folder);
  expect(await answers(server.url)).toBe(true);
  expect((await stat(join(path, "postgres.log"))).size).toBeLessThan(10_000);
  expect((await stat(join(path, "postgres.log.1"))).size).toBe(11_000_000);
});

test("a database of another major version, a broken one and a lost password are one line each", async () => {
  const path = await temporaryFolder();
  await using folder = await openDataFolder(path);
  await mkdir(join(path, "postgres"), { mode: 0o700 });
  await expect(startEmbeddedPostgres(folder)).rejects.toThrow(`${path}/postgres is there and holds no database: move it away`);
  await writeFile(join(path, "postgres", "PG_VERSION"), "17\n");
  await expect(startEmbeddedPostgres(folder)).rejects.toThrow(
    `${path}/postgres was made by PostgreSQL 17 and this is PostgreSQL 18`,
  );
  await writeFile(join(path, "postgres", "PG_VERSION"), "18\n");
  await expect(startEmbeddedPostgres(folder)).rejects.toThrow(`${path}/postgres-password is gone: restore it`);
  await folder.secret("postgres-password");
  await expect(startEmbeddedPostgres(folder)).rejects.toThrow(/^PostgreSQL does not start on .*; see .*postgres\.log.*--data$/);
});
