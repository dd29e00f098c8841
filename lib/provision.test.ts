import { expect, test } from "@jest/globals";
import postgres from "postgres";
import { dropNamespace, scratchNamespace, serverUrl } from "../test/support/database.ts";
import { provision, provisionAs } from "./provision.ts";

interface Scratch extends AsyncDisposable {
  readonly namespace: string;
  readonly databaseUrl: string;
  readonly databaseUrls: Record<string, string>;
}

function scratch(): Scratch {
  const namespace = scratchNamespace();
  return { namespace, databaseUrl: serverUrl(), databaseUrls: {}, [Symbol.asyncDispose]: () => dropNamespace(namespace) };
}

async function connecting(url: string): Promise<string> {
  const sql = postgres(url, { max: 1, connect_timeout: 5 });
  const result = await sql`select 1`.then(
    () => "connected",
    (error: { code?: string }) => String(error.code),
  );
  await sql.end();
  return result;
}

test("a service cannot enter another's database, with its own role or with a guessed password", async () => {
  await using where = scratch();
  const orders = new URL(await provision(where, "orders"));
  const payments = new URL(await provision(where, "payments"));
  expect(await connecting(orders.href)).toBe("connected");
  const stranger = new URL(orders);
  stranger.pathname = payments.pathname;
  expect(await connecting(stranger.href)).toBe("42501");
  const guess = new URL(payments);
  guess.password = "guess";
  expect(await connecting(guess.href)).toBe("28P01");
});

test("a service's role may not make databases or roles", async () => {
  await using where = scratch();
  const sql = postgres(await provision(where, "orders"), { max: 1 });
  await expect(sql`create database mine`).rejects.toThrow("permission denied");
  await expect(sql`create role mine`).rejects.toThrow("permission denied");
  await sql.end();
});

test("provisioning again finds the same database, also from many nodes at once", async () => {
  await using where = scratch();
  const urls = await Promise.all(Array.from({ length: 5 }, () => provision(where, "orders")));
  expect(new Set(urls).size).toBe(1);
});

test("a changed password of the server's user is mended at the next start", async () => {
  await using where = scratch();
  const url = new URL(await provision(where, "orders"));
  const admin = postgres(serverUrl(), { max: 1 });
  await admin`alter role ${admin(url.username)} with password 'another'`;
  await admin.end();
  expect(await connecting(await provision(where, "orders"))).toBe("connected");
});

test("a service is given the role and the database that its own URL names, and a changed password", async () => {
  await using where = scratch();
  const url = new URL(where.databaseUrl);
  url.username = url.pathname = `${where.namespace}_orders`;
  for (const password of ["first", "it's a \\ second%"]) {
    url.password = encodeURIComponent(password);
    expect(await connecting(url.href)).toBe("28P01");
    await Promise.all(Array.from({ length: 3 }, () => provisionAs(where.databaseUrl, url.href)));
    expect(await connecting(url.href)).toBe("connected");
  }
  const sql = postgres(url.href, { max: 1 });
  await expect(sql`create database mine`).rejects.toThrow("permission denied");
  await sql.end();
});

test("a superuser is not made into a service's role", async () => {
  await using where = scratch();
  const url = new URL(where.databaseUrl);
  url.password = "mistyped";
  url.pathname = `/${where.namespace}_orders`;
  await expect(provisionAs(where.databaseUrl, url.href)).rejects.toThrow(
    /is a superuser, and a service shall have a role of its own/,
  );
  expect(await connecting(where.databaseUrl)).toBe("connected");
});

test("a service may have a server of its own", async () => {
  const url = "postgres://somebody@elsewhere/orders";
  expect(await provision({ namespace: "x", databaseUrl: undefined, databaseUrls: { orders: url } }, "orders")).toBe(url);
});

test("says in one line what is missing", async () => {
  const nowhere = { namespace: "x", databaseUrls: {} };
  await expect(provision({ ...nowhere, databaseUrl: undefined }, "orders")).rejects.toThrow(
    "set DATABASE_URL or ORDERS_DATABASE_URL",
  );
  const closed = "postgres://a:b@127.0.0.1:1/postgres";
  await expect(provision({ ...nowhere, databaseUrl: closed }, "orders")).rejects.toThrow(
    /^Cannot reach PostgreSQL at 127.0.0.1:1/,
  );
});
