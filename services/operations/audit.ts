import { fault } from "../../lib/fault.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import { askAll } from "./ask-all.ts";
import type * as contract from "./contract.ts";
import { mergePage, readCursor } from "./model.ts";

/** Every service keeps its own lines; here they come together. */
export const findAudit =
  (r: Resources): Handler<typeof contract.findAudit> =>
  async ({ by, action, limit, cursor }, { call }) => {
    const from = readCursor(cursor);
    if (!from) throw fault("malformed", "The cursor is not one of ours.", { details: [{ field: "cursor" }] });
    const { said, degraded } = await askAll(r, ({ audit }, service) =>
      call(audit, {
        limit,
        ...(by && { by }),
        ...(action && { action }),
        ...(Object.hasOwn(from, service) && { cursor: from[service] }),
      }),
    );
    // The id sorts by time, and each service lists by it.
    const lists = [...said].map(([service, { lines }]) => lines.map((line) => ({ id: line.id, service, at: line.id, line })));
    const { data: listed, nextCursor } = mergePage(lists, from, limit);
    const data = listed.map(({ service, line }) => ({ ...line, service }));
    return { data, meta: { limit, nextCursor }, degraded };
  };
