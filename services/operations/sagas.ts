import { fault } from "../../lib/fault.ts";
import { kernelContract } from "../../lib/kernel-contract.ts";
import type { Ctx, Handler, Resources } from "../../lib/service.ts";
import { askAll } from "./ask-all.ts";
import type * as contract from "./contract.ts";
import type { SagaStory } from "./contract.ts";
import { mergePage, readCursor } from "./model.ts";

export const findSagas =
  (r: Resources): Handler<typeof contract.findSagas> =>
  async ({ status, limit, cursor }, { call }) => {
    const from = readCursor(cursor);
    if (!from) throw fault("malformed", "The cursor is not one of ours.", { details: [{ field: "cursor" }] });
    const { said, degraded } = await askAll(r, ({ sagas }, service) =>
      call(sagas, { limit, ...(status && { status }), ...(Object.hasOwn(from, service) && { cursor: from[service] }) }),
    );
    const lists = [...said.values()].map(({ sagas }) => sagas.map((saga) => ({ ...saga, at: saga.createdAt })));
    const { data: listed, nextCursor } = mergePage(lists, from, limit);
    const data = listed.map(({ at: _at, ...saga }) => saga);
    return { data, meta: { limit, nextCursor }, degraded };
  };

export const getSaga =
  (r: Resources): Handler<typeof contract.getSaga> =>
  ({ id }, ctx) =>
    find(r, ctx, id);

/** An operator's move on a saga, kept in its history under the operator's name. */
export const moveSaga =
  (r: Resources, move: keyof typeof contract.lifecycle): Handler<typeof contract.retrySaga> =>
  async ({ id }, ctx) => {
    const { service } = await find(r, ctx, id);
    const { outcome, reason } = await ctx.call(steer(service), { id, move, by: nameOf(ctx) });
    if (outcome === "unknown") throw fault("not_found");
    if (outcome === "refused") throw fault("conflict", reason);
    return find(r, ctx, id);
  };

const steer = (service: string) => kernelContract(service).steerSaga;

/** Finds out which service a saga belongs to by asking all. As long as one does not answer, nobody can say that there is none. */
async function find(r: Resources, { call }: Pick<Ctx, "call">, id: string): Promise<SagaStory> {
  const { said, degraded } = await askAll(r, ({ readSaga }) => call(readSaga, { id }));
  const found = [...said.values()].find(({ saga }) => saga)?.saga;
  if (found) return found;
  throw degraded.length > 0
    ? fault("unavailable", `${degraded.join(", ")} did not answer.`, { retryAfter: 2 })
    : fault("not_found");
}

const nameOf = ({ caller }: Ctx): string => ("id" in caller ? `${caller.kind}:${caller.id}` : caller.kind);
