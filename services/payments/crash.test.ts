import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { failpointsSeen, recordFailpoints } from "../../lib/failpoint.ts";
import { idFor, newId } from "../../lib/ids.ts";
import { scratchDatabase, type ScratchDatabase } from "../../test/support/database.ts";
import { bookedOf, findBalances } from "./ledger-store.ts";
import { findEntries } from "./sandbox/store.ts";
import { settleOrder } from "./settle.ts";
import { findPayment } from "./store.ts";
import { tellShortStories, tellStory, tillOn } from "./story.support.ts";
import type { Till } from "./till.ts";

const CHILD = join(import.meta.dirname, "crash.fixture.ts");
let database: ScratchDatabase;

beforeAll(async () => {
  database = await scratchDatabase("payments");
});
afterAll(async () => database[Symbol.asyncDispose]());

interface Crash {
  readonly point: string;
  readonly long: string;
  readonly short: string;
}

/** Has a process of its own tell the stories and die at the border. */
async function crash({ point, long, short }: Crash): Promise<void> {
  const child = spawn(process.execPath, [CHILD, database.url, long, short, point], { stdio: ["ignore", "ignore", "inherit"] });
  const [code, signal] = await once(child, "exit");
  expect({ point, code, signal }).toEqual({ point, code: null, signal: "SIGKILL" });
}

const movementsOf = async (orderId: string) =>
  (await findEntries(database.sql, orderId)).map(({ type, amount }) => [type, amount]);

/** Crashes at the border, and tells the stories to their end. Otherwise the job that settles what is open comes first. */
async function survive(till: Till, { point, long, short }: Crash, { isAskedAgain }: { isAskedAgain: boolean }): Promise<void> {
  await crash({ point, long, short });
  if (!isAskedAgain) await settleOrder(till, long);
  expect([point, (await tellStory(till, long)).at(-1)]).toEqual([point, "given_back"]);
  expect([point, (await tellShortStories(till, short)).at(-1)]).toEqual([point, "failed"]);
  const entries = await movementsOf(long);
  const total = (wanted: string) => entries.reduce((sum, [type, amount]) => sum + (type === wanted ? Number(amount) : 0), 0);
  expect(entries.filter(([type]) => type === "authorize")).toHaveLength(1);
  expect([point, total("capture"), total("void"), total("refund")]).toEqual([point, 3_000, 1_200, 3_000]);
  expect(await bookedOf(database.sql, long)).toEqual({ captured: 3_000, refunded: 3_000 });
  expect((await movementsOf(short)).map(([type]) => type)).toEqual(["authorize", "void"]);
  const failed = idFor("ord", short);
  expect([await movementsOf(failed), (await findPayment(database.sql, failed))?.status]).toEqual([[], "failed"]);
}

test("a crash at any border is survived: every movement of money happens once, and the books balance", async () => {
  const till = tillOn(database);
  recordFailpoints();
  expect(await tellStory(till, newId("ord"))).toEqual(["authorized", "done", "done", "given_back"]);
  expect(await tellShortStories(till, newId("ord"))).toEqual(["voided", "failed"]);
  const crashes = failpointsSeen().map((point) => ({ point, long: newId("ord"), short: newId("ord") }));
  expect(crashes.length).toBeGreaterThan(15);
  const queue = crashes.entries();
  const worker = async () => {
    for (const [index, each] of queue) await survive(till, each, { isAskedAgain: index % 2 === 0 });
  };
  await Promise.all([worker(), worker(), worker()]);
  const balances = await findBalances(database.sql);
  expect(balances.reduce((difference, { balance }) => difference + balance, 0)).toBe(0);
}, 240_000);
