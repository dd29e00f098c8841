import { randomBytes } from "node:crypto";
import { join } from "node:path";
import postgres from "postgres";
import { type Database, openDatabase } from "../../lib/database.ts";
import { migrate } from "../../lib/migrate.ts";
import { provision } from "../../lib/provision.ts";

/** The PostgreSQL server of this test run: `test/support/global-setup.ts` starts it. */
export function serverUrl(): string {
  const url = process.env.DATABASE_URL;
  if (!url) throw new Error("No DATABASE_URL: run the tests with `npm test`.");
  return url;
}

/** A name that no other test uses, for databases that live and die with one test. */
export const scratchNamespace = (): string => `t${randomBytes(6).toString("hex")}`;

/** Drops every database and role of a namespace. */
export async function dropNamespace(namespace: string): Promise<void> {
  const admin = postgres(serverUrl(), { max: 1, onnotice: () => {} });
  const names = await admin<
    { datname: string }[]
  >`select datname from pg_database where starts_with(datname, ${`${namespace}_`})`;
  for (const { datname } of names) {
    await admin`drop database if exists ${admin(datname)} with (force)`;
    await admin`drop role if exists ${admin(datname)}`;
  }
  await admin.end();
}

export interface ScratchDatabase extends Database, AsyncDisposable {
  readonly url: string;
}

/** A migrated database of its own for one test, with the tables of the kernel and, if named, of a service. */
export async function scratchDatabase(service = "scratch"): Promise<ScratchDatabase> {
  const namespace = scratchNamespace();
  const url = await provision({ namespace, databaseUrl: serverUrl(), databaseUrls: {} }, service);
  await migrate(url, join(import.meta.dirname, "../../services", service, "migrations"));
  const database = openDatabase(url, { service, poolSize: 4 });
  return {
    ...database,
    url,
    async [Symbol.asyncDispose]() {
      await database.close();
      await dropNamespace(namespace);
    },
  };
}
