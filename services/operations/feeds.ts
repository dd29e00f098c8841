import { fault } from "../../lib/fault.ts";
import { kernelContract } from "../../lib/kernel-contract.ts";
import type { Ctx, Handler, Resources } from "../../lib/service.ts";
import { type Answers, askAll } from "./ask-all.ts";
import type * as contract from "./contract.ts";
import type { ParkedEvent } from "./contract.ts";

export const findFeeds =
  (r: Resources): Handler<typeof contract.findFeeds> =>
  async (_, { call }) => {
    const { said, degraded } = await askAll(r, (actions) => call(actions.cursors, {}));
    return { data: [...said.values()].flatMap(({ cursors }) => cursors), degraded };
  };

export const findParkedEvents =
  (r: Resources): Handler<typeof contract.findParkedEvents> =>
  async (_, ctx) => {
    const { said, degraded } = await parked(r, ctx);
    const data = [...said.values()].flatMap(({ events }) => events);
    return { data: data.toSorted((a, b) => (a.heldSince < b.heldSince ? -1 : 1)), degraded };
  };

/** Settles one parked event, in whatever service it waits. */
export const settle =
  (r: Resources, how: "redrive" | "drop"): Handler<typeof contract.redriveParkedEvent> =>
  async ({ id, service }, ctx) => {
    const owner = service ?? (await ownerOf(r, ctx, id));
    if (!r.peers().includes(owner)) throw fault("not_found");
    const { found } = await ctx.call(kernelContract(owner)[how], { id });
    if (!found) throw fault("not_found");
    return { id, service: owner };
  };

const parked = (r: Resources, { call }: Pick<Ctx, "call">): Promise<Answers<{ events: ParkedEvent[] }>> =>
  askAll(r, (actions) => call(actions.parked, {}));

async function ownerOf(r: Resources, ctx: Pick<Ctx, "call">, id: string): Promise<string> {
  const { said, degraded } = await parked(r, ctx);
  const owners = [...said].filter(([, { events }]) => events.some((event) => event.id === id)).map(([service]) => service);
  if (owners.length > 1) {
    throw fault("conflict", `Several services have parked this event: say which one in "service".`, {
      details: owners.map((service) => ({ field: "service", service })),
    });
  }
  if (owners[0]) return owners[0];
  throw degraded.length > 0
    ? fault("unavailable", `${degraded.join(", ")} did not answer.`, { retryAfter: 2 })
    : fault("not_found");
}
