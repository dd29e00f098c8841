import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { eventually } from "../../test/support/eventually.ts";
import { openDatabase } from "../database.ts";
import { openDataFolder } from "../data-folder.ts";
import { startLastingPostgres } from "./lasting.ts";

test("a PostgreSQL that is killed comes back on the same address, with what was committed", async () => {
  const path = await mkdtemp(join(tmpdir(), "brickwork-lasting-"));
  await using folder = await openDataFolder(path);
  const said: string[] = [];
  const postgres = await startLastingPostgres(folder, (line) => said.push(line));
  const db = openDatabase(postgres.url, { service: "test", poolSize: 2 });
  await db.sql`create table kept (what text)`;
  await db.sql`insert into kept values ('this')`;
  const [{ pid }] = await db.sql<[{ pid: number }]>`select pg_backend_pid() as pid`;
  await db.sql`select 1`;
  process.kill(Number((await readFile(join(path, "postgres/postmaster.pid"), "utf8")).split("\n")[0]), "SIGKILL");
  await eventually(async () => {
    const [row] = await db.sql<[{ what: string; pid: number }]>`select what, pg_backend_pid() as pid from kept`;
    expect(row.what).toBe("this");
    expect(row.pid).not.toBe(pid);
  }, 12_000);
  expect(said).toContain("PostgreSQL has died and is started again");
  await db.close();
  await postgres.stop();
  await rm(path, { recursive: true, force: true });
});
