import { newId } from "../../lib/ids.ts";
import type { Handler, Resources } from "../../lib/service.ts";
import { change, invalid } from "./change.ts";
import { announce } from "../../lib/feed.ts";
import * as carts from "./contract.ts";
import { breachOf, withMore } from "./model.ts";
import * as store from "./store.ts";

/** Puts a variant into the cart, or more of it. */
export const addItem =
  (r: Resources): Handler<typeof carts.addItem> =>
  ({ id, variantId, quantity }, ctx) =>
    change(r, ctx, id, (before) => {
      const items = withMore(before.items, { id: newId("item"), variantId, quantity });
      const breach = breachOf(items);
      if (breach) throw invalid(breach.field, breach.message);
      return {
        after: { ...before, items },
        async save(tx, answer) {
          const item = answer.items.find((one) => one.variantId === variantId);
          if (!item) throw invalid("variantId", "is not for sale");
          const isSaved = await store.addItem(tx, before, { ...item, quantity, shownPrice: item.unitPrice });
          if (isSaved && !before.isStarted) await announce(tx, carts.started, { cartId: id });
          return isSaved;
        },
      };
    });
