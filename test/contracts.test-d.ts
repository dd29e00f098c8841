/** What must not compile. `npm run types` fails when one of these lines does. */
import { on } from "../lib/reactions.ts";
import { announce } from "../lib/feed.ts";
import { newId } from "../lib/ids.ts";
import type { Database, Tx } from "../lib/database.ts";
import { type Ctx, service } from "../lib/service.ts";
import * as inventory from "../services/inventory/contract.ts";
import * as orders from "../services/orders/contract.ts";
import * as things from "./support/things/contract.ts";

declare const ctx: Ctx;
declare const tx: Tx;
declare const db: Database;
const orderId = newId("ord");
const line = { variantId: newId("var"), sku: "BRK", quantity: 1 };

void ctx.call(inventory.reserve, { orderId, lines: [line] });
// @ts-expect-error unknown action
void ctx.call(inventory.resreve, { orderId, lines: [line] });
// @ts-expect-error text is not an action
void ctx.call("inventory.reserve", { orderId, lines: [line] });
// @ts-expect-error missing field
void ctx.call(inventory.reserve, { orderId });
// @ts-expect-error wrong type
void ctx.call(inventory.reserve, { orderId, lines: [{ ...line, quantity: "1" }] });
// @ts-expect-error an event cannot be called
void ctx.call(orders.confirmed, { orderId });

const name = { name: "a", count: 1 };
void announce(tx, things.added, name);
// @ts-expect-error nothing is announced outside a transaction
void announce(db.sql, things.added, name);
// @ts-expect-error wrong payload
void announce(tx, things.added, { name: "a" });
// @ts-expect-error an action cannot be announced
void announce(tx, things.addThing, name);

on(things.added, async ({ count }) => void count);
// @ts-expect-error the payload has no `sku`
on(things.added, async ({ sku }) => void sku);

async function outcomesMustBeHandled(): Promise<string> {
  const held = await ctx.call(inventory.reserve, { orderId, lines: [line] });
  // @ts-expect-error there is a time only when it was reserved
  void held.expiresAt;
  switch (held.outcome) {
    case "reserved":
      return held.expiresAt;
    case "short":
      return held.missing[0]?.sku ?? "";
    case "released":
      return "";
  }
}
void outcomesMustBeHandled;

// @ts-expect-error an outcome is forgotten
async function forgetsAnOutcome(): Promise<string> {
  const held = await ctx.call(inventory.reserve, { orderId, lines: [line] });
  switch (held.outcome) {
    case "reserved":
      return held.expiresAt;
  }
}
void forgetsAnOutcome;

// @ts-expect-error handlers are missing
service("things", things, () => ({ actions: {} }));

service("one", { clear: things.clear }, () => ({
  actions: {
    // @ts-expect-error the answer has another shape
    clear: async () => ({ text: 1 }).text,
  },
}));

service("one", { readThing: things.readThing }, () => ({
  actions: {
    // @ts-expect-error what is committed is the answer
    readThing: (_input, { commit }) => commit(async () => ({ nothing: true })),
  },
}));
