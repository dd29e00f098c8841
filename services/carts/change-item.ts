import type { Handler, Resources } from "../../lib/service.ts";
import { change, noItem } from "./change.ts";
import type * as carts from "./contract.ts";
import { withQuantity } from "./model.ts";
import * as store from "./store.ts";

/** Sets an item's quantity. */
export const changeItem =
  (r: Resources): Handler<typeof carts.changeItem> =>
  ({ id, itemId, quantity }, ctx) =>
    change(r, ctx, id, (before) => {
      const items = withQuantity(before.items, { id: itemId, quantity });
      if (!items) throw noItem();
      return { after: { ...before, items }, save: (tx) => store.setQuantity(tx, before, { id: itemId, quantity }) };
    });
