import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Redis } from "ioredis";
import postgres from "postgres";
import { findKeeper } from "../../cluster/keeper-client.ts";
import type { Holdings } from "../../cluster/keeper-contract.ts";
import type { Shop } from "./shop.ts";

/** What a running shop stands on and looks after itself. */
export type Prop = "PostgreSQL" | "Redis";

/** SIGKILL to the PostgreSQL or the Redis of a running shop. */
export async function killUnder(shop: Shop, prop: Prop): Promise<void> {
  process.kill(await (prop === "Redis" ? redisPid(shop.data) : postgresPid(shop.data)), "SIGKILL");
}

/** Brings all that is in the database's log into its tables, as the database itself does every five minutes. A new shop's log is all of it. */
export async function checkpoint({ data }: Shop): Promise<void> {
  const [, , , port] = await pidFile(data);
  const password = (await readFile(join(data, "postgres-password"), "utf8")).trim();
  const sql = postgres({ host: "127.0.0.1", port: Number(port), username: "brickwork", password, database: "postgres", max: 1 });
  await sql`checkpoint`;
  await sql.end();
}

const pidFile = async (data: string): Promise<string[]> =>
  (await readFile(join(data, "postgres", "postmaster.pid"), "utf8")).split("\n");

const postgresPid = async (data: string): Promise<number> => Number((await pidFile(data))[0]);

async function redisPid(data: string): Promise<number> {
  const keeper = await findKeeper(data);
  if (!keeper) throw new Error("only a shop of many processes has a Redis");
  const { redisUrl } = await keeper.ask<Holdings>("holdings");
  keeper.close();
  const client = new Redis(redisUrl);
  try {
    return Number(/^process_id:(\d+)/m.exec(await client.info("server"))?.[1]);
  } finally {
    client.disconnect();
  }
}
