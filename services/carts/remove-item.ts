import type { Handler, Resources } from "../../lib/service.ts";
import { change, noItem } from "./change.ts";
import type * as carts from "./contract.ts";
import { without } from "./model.ts";
import * as store from "./store.ts";

/** Takes an item out. */
export const removeItem =
  (r: Resources): Handler<typeof carts.removeItem> =>
  ({ id, itemId }, ctx) =>
    change(r, ctx, id, (before) => {
      const items = without(before.items, { id: itemId });
      if (!items) throw noItem();
      return { after: { ...before, items }, save: (tx) => store.removeItem(tx, before, { id: itemId }) };
    });
