import type { Handler } from "../../lib/service.ts";
import { announceFlips, available } from "./announce-flips.ts";
import type * as inventory from "./contract.ts";
import * as store from "./restock-store.ts";

export const restock: Handler<typeof inventory.restock> = ({ returnId: id, orderId, lines }, ctx) =>
  ctx.commit(async (tx) => {
    if (await store.insertReturn(tx, { id, orderId, lines })) await announceFlips(tx, available(await store.putBack(tx, id)));
    return {};
  });
