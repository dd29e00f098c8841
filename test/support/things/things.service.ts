import { setTimeout as sleep } from "node:timers/promises";
import { announce } from "../../../lib/feed.ts";
import { fault } from "../../../lib/fault.ts";
import { service } from "../../../lib/service.ts";
import * as things from "./contract.ts";

/** A small service for tests of the kernel. */
export default service(
  "things",
  things,
  (r) => ({
    actions: {
      addThing: ({ name, by, slowly }, ctx) =>
        ctx.commit(async (tx) => {
          const [row] = await tx<[{ name: string; count: number }]>`
            insert into thing (name, count) values (${name}, ${by})
            on conflict (name) do update set count = thing.count + excluded.count returning name, count`;
          await announce(tx, things.added, row);
          if (slowly) await sleep(300);
          return row;
        }),
      readThing: async ({ name }) => {
        const [row] = await r.db.sql<{ name: string; count: number }[]>`select name, count from thing where name = ${name}`;
        if (!row) throw fault("not_found");
        return row;
      },
      clear: (_input, ctx) =>
        ctx.commit(async (tx) => {
          await tx`delete from thing`;
          return {};
        }),
      misbehave: async ({ how, list }) => {
        if (how === "throws") throw new Error("the password is swordfish");
        if (how === "fault") throw fault("conflict", "Not now.", { details: [{ field: "how" }] });
        list.push(99);
        return how === "wrongShape" ? ({ list: ["not a number"] } as never) : { list };
      },
      whoAmI: async ({ depth }, ctx) => {
        const deeper = depth > 0 ? await ctx.call(things.whoAmI, { depth: depth - 1 }) : { callers: [], requestIds: [] };
        return { callers: [ctx.caller.kind, ...deeper.callers], requestIds: [ctx.requestId, ...deeper.requestIds] };
      },
    },
  }),
  { folder: import.meta.dirname },
);
