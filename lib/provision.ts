import { createHmac } from "node:crypto";
import postgres from "postgres";
import type { Config } from "./config.ts";
import { OperatorError } from "./operator-error.ts";

/** Any two nodes that provision at the same time take turns by this advisory lock. */
const LOCK = 0x627269636b;

type Where = Pick<Config, "databaseUrl" | "databaseUrls" | "namespace">;

/**
 * The URL under which a service reaches its own database: `<SERVICE>_DATABASE_URL`, or a database and a role of the same
 * name on the server of `DATABASE_URL`, which are made when they are missing. The role's password is derived from that of
 * `DATABASE_URL`, so every node finds the same one and nothing has to be handed around.
 */
export async function provision(where: Where, service: string): Promise<string> {
  const own = where.databaseUrls[service];
  if (own) return own;
  if (!where.databaseUrl)
    throw new OperatorError(`Service ${service} has no database: set DATABASE_URL or ${service.toUpperCase()}_DATABASE_URL.`);
  const url = serviceUrl(where.databaseUrl, `${where.namespace}_${service}`.replaceAll("-", "_"));
  if (!(await canConnect(url))) await create(where.databaseUrl, url);
  return url.href;
}

/**
 * Makes the role and the database that a service's own URL names, with the password in it, on the server of `adminUrl`; does
 * nothing where they are. For those who hand a service nothing but its own URL. Throws an OperatorError.
 */
export async function provisionAs(adminUrl: string, ownUrl: string): Promise<void> {
  const url = new URL(ownUrl);
  if (!(await canConnect(url))) await create(adminUrl, url);
}

function serviceUrl(adminUrl: string, name: string): URL {
  const url = new URL(adminUrl);
  const password = createHmac("sha256", decodeURIComponent(url.password)).update(`role:${name}`).digest("base64url");
  url.username = name;
  url.password = password;
  url.pathname = `/${name}`;
  return url;
}

async function canConnect(url: URL): Promise<boolean> {
  const sql = postgres(url.href, { max: 1, connect_timeout: 5, onnotice: () => {} });
  try {
    await sql`select 1`;
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    // No such role or password, no such database, not allowed to connect: what provisioning mends.
    if (["28P01", "28000", "3D000", "42501"].includes(code)) return false;
    throw new OperatorError(
      `Cannot reach PostgreSQL at ${url.host}: ${(error as Error).message || code}. Is the server running and DATABASE_URL right?`,
    );
  } finally {
    await sql.end();
  }
}

async function create(adminUrl: string, url: URL): Promise<void> {
  const admin = postgres(adminUrl, { max: 1, connect_timeout: 5, onnotice: () => {} });
  const role = decodeURIComponent(url.username);
  const name = decodeURIComponent(url.pathname.slice(1));
  try {
    await admin`select pg_advisory_lock(${LOCK})`;
    const [known] = await admin`select rolsuper from pg_roles where rolname = ${role}`;
    if (known?.rolsuper) throw new Error(`${role} is a superuser, and a service shall have a role of its own`);
    // Utility statements take no parameters.
    const login = `login nosuperuser nocreatedb nocreaterole password ${literal(decodeURIComponent(url.password))}`;
    await admin`${admin.unsafe(known ? "alter" : "create")} role ${admin(role)} with ${admin.unsafe(login)}`;
    const [database] = await admin`select from pg_database where datname = ${name}`;
    if (!database) await createDatabase(admin, name, role);
    await admin`revoke all on database ${admin(name)} from public`;
  } catch (error) {
    throw new OperatorError(
      `Cannot make database ${name}: ${(error as Error).message}. DATABASE_URL needs a user who may create databases and roles.`,
    );
  } finally {
    await admin.end();
  }
}

const literal = (text: string): string => `E'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

async function createDatabase(admin: postgres.Sql, name: string, role: string): Promise<void> {
  // A user who is not superuser may give a database away only to a role it is a member of.
  const [me] = await admin`select rolsuper from pg_roles where rolname = current_user`;
  if (!me?.rolsuper) await admin`grant ${admin(role)} to current_user`;
  await admin`create database ${admin(name)} owner ${admin(role)} template template0 encoding 'UTF8'`;
}
