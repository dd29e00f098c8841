import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { openDatabase } from "../../lib/database.ts";
import { newId } from "../../lib/ids.ts";
import { migrate } from "../../lib/migrate.ts";
import { money } from "../../lib/money.ts";
import { provision } from "../../lib/provision.ts";
import { dropNamespace, scratchNamespace, serverUrl } from "../../test/support/database.ts";
import { CaptureId } from "./contract.ts";
import { bookedOf, findBalances } from "./ledger-store.ts";
import { findMovements } from "./movement-store.ts";
import { giveBackPayment } from "./give-back.ts";
import { sandbox } from "./sandbox/sandbox.ts";
import { tillOn } from "./story.support.ts";

const MIGRATIONS = join(import.meta.dirname, "migrations");

test("what was captured before there were books is booked, and can be given back", async () => {
  const namespace = scratchNamespace();
  const folder = await mkdtemp(join(tmpdir(), "brickwork-migrations-"));
  const url = await provision({ namespace, databaseUrl: serverUrl(), databaseUrls: {} }, "payments");
  const database = openDatabase(url, { service: "payments", poolSize: 2 });
  const { sql } = database;
  try {
    for (const file of ["0001.do.payments.sql", "0002.do.sandbox.sql"]) await cp(join(MIGRATIONS, file), join(folder, file));
    await migrate(url, folder);
    const [taken, held] = [newId("ord"), newId("ord")];
    for (const [orderId, status] of [
      [taken, "captured"],
      [held, "authorized"],
    ] as const) {
      await sql`insert into payment (order_id, amount, currency, status, provider) values (${orderId}, 4200, 'EUR', ${status}, 'sandbox')`;
      await sql`insert into sandbox.intent (order_id, outcome, amount, currency) values (${orderId}, 'authorized', 4200, 'EUR')`;
      await sql`insert into sandbox.entry (order_id, type, amount, currency) values (${orderId}, 'authorize', 4200, 'EUR')`;
    }
    await sql`insert into sandbox.entry (order_id, type, amount, currency) values (${taken}, 'capture', 4200, 'EUR')`;

    await migrate(url, MIGRATIONS);
    const [capture] = await findMovements(sql, taken);
    expect(capture).toMatchObject({ kind: "capture", status: "done", amount: money(4_200, "EUR") });
    expect(CaptureId.safeParse(capture?.id).success).toBe(true);
    expect(await bookedOf(sql, taken)).toEqual({ captured: 4_200, refunded: 0 });
    expect(await bookedOf(sql, held)).toEqual({ captured: 0, refunded: 0 });
    expect((await findBalances(sql)).map(({ balance }) => balance)).toEqual([4_200, -4_200]);
    const booking = await sandbox({ sql, webhookKey: Buffer.alloc(32) }).find(taken, new AbortController().signal);
    expect(booking).toMatchObject({ outcome: "authorized", captures: [{ id: capture?.id }] });
    const back = { refundId: newId("rfd"), reason: "cancelled" };
    expect(await giveBackPayment(tillOn(database), taken, back)).toEqual({
      outcome: "given_back",
      refunded: money(4_200, "EUR"),
    });
  } finally {
    await database.close();
    await rm(folder, { recursive: true });
    await dropNamespace(namespace);
  }
});
